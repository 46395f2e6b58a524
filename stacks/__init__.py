"""Pulumi programs: a package for each kind of stack. Only stacks create AWS providers and read other stacks."""
