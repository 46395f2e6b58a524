"""The diagrams of ``plinth graph``: the stack graph and the account map."""
