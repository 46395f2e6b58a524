import json

from selfservice.cli.diagrams.drawing import AccountBox, account_map, as_dot, as_json, as_mermaid, as_text

GRAPH = {"organization": [], "fraud": ["organization"], "fraud-development": ["organization", "fraud"]}


def test_text_lists_the_stacks_in_order_with_their_needs():
    assert as_text(GRAPH).splitlines() == [
        "organization",
        "fraud              needs organization",
        "fraud-development  needs organization, fraud",
    ]


def test_json_keeps_every_need():
    assert json.loads(as_json(GRAPH))["stacks"][2] == {"name": "fraud-development", "needs": ["organization", "fraud"]}


def test_pictures_leave_out_the_edges_that_other_edges_imply():
    assert as_mermaid(GRAPH).splitlines()[-2:] == ["  organization --> fraud", "  fraud --> fraud_development"]
    assert '"organization" -> "fraud-development"' not in as_dot(GRAPH)
    assert '  "fraud" -> "fraud-development";' in as_dot(GRAPH).splitlines()


def test_the_map_hangs_accounts_in_their_units_and_says_what_lands_in_them():
    boxes = [
        AccountBox(label="organization", name="acme", unit="", kinds=("organization",), holds=("stacks organization",)),
        AccountBox(label="tooling", name="acme-tooling", unit="Tooling", kinds=("tooling", "network")),
        AccountBox(label="fraud-production", name="Fraud", unit="Workloads/Production", kinds=("production",)),
    ]
    tree = account_map("acme", ["Tooling", "Workloads", "Workloads/Production", "Suspended"], boxes)
    assert tree.splitlines()[1:] == [
        "flowchart LR",
        "  root([acme])",
        '  root --- organization["acme<br/>stacks organization"]',
        "  root --- unit_Tooling([Tooling])",
        '  unit_Tooling --- tooling["acme-tooling<br/>also network"]',
        "  root --- unit_Workloads([Workloads])",
        "  unit_Workloads --- unit_Workloads__Production([Production])",
        '  unit_Workloads__Production --- fraud_production["Fraud"]',
        "  root --- unit_Suspended([Suspended])",
    ]


def test_a_name_that_means_something_to_mermaid_is_drawn_as_it_is():
    box = AccountBox(label="audit", name='Audit "#1" <all>', unit="", kinds=("audit",))
    assert account_map("acme", [], [box]).endswith('audit["Audit #quot;#35;1#quot; #lt;all#gt;"]')
