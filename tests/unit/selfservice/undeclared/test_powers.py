"""Which policies let a principal take over an account."""

from __future__ import annotations

import pytest

from selfservice.undeclared.powers import takes_over


@pytest.mark.parametrize(
    ("statement", "dangerous"),
    [
        ({"Action": "*", "Resource": "*"}, True),
        ({"Action": ["s3:GetObject", "IAM:put*"], "Resource": "*"}, True),
        ({"Action": "iam:CreateAccessKey", "Resource": "arn:aws:iam::111111111111:user/one"}, True),
        ({"NotAction": "iam:*", "Resource": "*"}, True),
        ({"Action": "iam:PassRole", "Resource": "*"}, True),
        ({"Action": "iam:PassRole", "Resource": "arn:aws:iam::111111111111:role/one"}, False),
        ({"Action": "sts:AssumeRole", "NotResource": "arn:aws:iam::111111111111:role/one"}, True),
        ({"Action": ["s3:*Object", "kms:Decrypt", "iam:Get*"], "Resource": "*"}, False),
        ({"Action": "*", "Resource": "*", "Effect": "Deny"}, False),
    ],
)
def test_policies_that_extend_access_are_known(statement, dangerous):
    assert takes_over([{"Statement": [{"Effect": "Allow", **statement}]}]) is dangerous
