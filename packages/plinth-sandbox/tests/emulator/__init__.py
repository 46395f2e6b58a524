"""Tests of the emulator's journal, accounts, fallback store and files."""
