"""The rules, in one package per subject. ``policies.rule_list`` discovers every module in them."""
