"""IAM Identity Center for people: sign-in (``sso-oidc``), and the accounts and roles of who has signed in (``sso``)."""
