"""Actions on networks: those of all accounts, those shared by the network account, and internet egress."""

from __future__ import annotations

from components.identity.deployer.calls import Calls, ResourceCalls, calls

TAGS = "CreateTags DeleteTags"
DNS_TAGS = "TagResource UntagResource"
FIREWALL_KEY = "kms:CreateGrant kms:DescribeKey"
"""Actions with which Network Firewall starts to use a key, under a grant."""
LEFTOVER_INTERFACES = "DeleteNetworkInterface DescribeNetworkInterfaces DetachNetworkInterface"
"""Actions to delete network interfaces that functions and jobs leave behind, which block the deletion of subnets and
groups."""


def _security_group_rule(direction: str) -> Calls:
    return calls(
        "ec2",
        create=f"AuthorizeSecurityGroup{direction} CreateTags",
        read="DescribeSecurityGroupRules",
        update=f"ModifySecurityGroupRules {TAGS}",
        delete=f"RevokeSecurityGroup{direction}",
    )


PRIVATE_NETWORK: ResourceCalls = {
    "aws:ec2/defaultRouteTable:DefaultRouteTable": calls(
        "ec2",
        create="CreateTags DeleteRoute",
        read="DescribeRouteTables",
        update=f"CreateRoute DeleteRoute ReplaceRoute {TAGS}",
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": calls(
        "ec2",
        create="CreateTags RevokeSecurityGroupEgress RevokeSecurityGroupIngress",
        read="DescribeSecurityGroups",
        update=f"RevokeSecurityGroupEgress RevokeSecurityGroupIngress {TAGS}",
    ),
    "aws:ec2/flowLog:FlowLog": calls(
        "ec2",
        create="CreateFlowLogs CreateTags logs:CreateLogDelivery",
        read="DescribeFlowLogs",
        update=TAGS,
        delete="DeleteFlowLogs logs:DeleteLogDelivery",
    ),
    "aws:ec2/routeTable:RouteTable": calls(
        "ec2",
        create="CreateRouteTable CreateTags",
        read="DescribeRouteTables",
        update=f"CreateRoute DeleteRoute ReplaceRoute {TAGS}",
        delete="DeleteRouteTable DisassociateRouteTable",
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": calls(
        "ec2",
        create="AssociateRouteTable",
        read="DescribeRouteTables",
        update="ReplaceRouteTableAssociation",
        delete="DisassociateRouteTable",
    ),
    "aws:ec2/securityGroup:SecurityGroup": calls(
        "ec2",
        create="CreateSecurityGroup CreateTags RevokeSecurityGroupEgress",
        read="DescribeSecurityGroups",
        update="AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress RevokeSecurityGroupEgress "
        f"RevokeSecurityGroupIngress {TAGS}",
        delete=f"DeleteSecurityGroup {LEFTOVER_INTERFACES}",
    ),
    "aws:ec2/subnet:Subnet": calls(
        "ec2",
        create="CreateSubnet CreateTags",
        read="DescribeSubnets",
        update=f"ModifySubnetAttribute {TAGS}",
        delete=f"DeleteSubnet {LEFTOVER_INTERFACES}",
    ),
    "aws:ec2/vpc:Vpc": calls(
        "ec2",
        create="CreateTags CreateVpc",
        read="DescribeNetworkAcls DescribeRouteTables DescribeSecurityGroups DescribeVpcAttribute DescribeVpcs",
        update=f"ModifyVpcAttribute {TAGS}",
        delete="DeleteVpc",
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": calls(
        "ec2",
        create="CreateTags CreateVpcEndpoint route53:AssociateVPCWithHostedZone",
        read="DescribePrefixLists DescribeVpcEndpoints",
        update=f"ModifyVpcEndpoint {TAGS}",
        delete="DeleteVpcEndpoints",
    ),
    "aws:route53/resolverFirewallConfig:ResolverFirewallConfig": calls(
        "route53resolver",
        create="UpdateFirewallConfig ec2:DescribeVpcs",
        read="GetFirewallConfig ListFirewallConfigs",
        update="UpdateFirewallConfig",
        delete="UpdateFirewallConfig",
    ),
    "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation": calls(
        "route53resolver",
        create="AssociateFirewallRuleGroup TagResource ec2:DescribeVpcs",
        read="GetFirewallRuleGroupAssociation ListTagsForResource",
        update=f"UpdateFirewallRuleGroupAssociation {DNS_TAGS}",
        delete="DisassociateFirewallRuleGroup",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _security_group_rule("Ingress"),
}
"""Resources of a VPC without internet egress, with flow logs and DNS filtering."""

PRIVATE_LINK: ResourceCalls = {
    "aws:ec2/vpcEndpointService:VpcEndpointService": calls(
        "ec2",
        create="CreateTags CreateVpcEndpointServiceConfiguration ModifyVpcEndpointServicePermissions",
        read="DescribeVpcEndpointServiceConfigurations DescribeVpcEndpointServicePermissions",
        update=f"ModifyVpcEndpointServiceConfiguration ModifyVpcEndpointServicePermissions {TAGS}",
        delete="DeleteVpcEndpointServiceConfigurations",
    ),
    "aws:vpc/endpointServicePrivateDnsVerification:EndpointServicePrivateDnsVerification": calls(
        "ec2",
        create="StartVpcEndpointServicePrivateDnsVerification",
        read="DescribeVpcEndpointServiceConfigurations",
    ),
}
"""Endpoint services, by which networks of other accounts reach a load balancer."""

WORKLOADS_IN_NETWORKS: ResourceCalls = {
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _security_group_rule("Egress"),
}

DNS_RULES: ResourceCalls = {
    "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList": calls(
        "route53resolver",
        create="CreateFirewallDomainList TagResource UpdateFirewallDomains",
        read="GetFirewallDomainList ListFirewallDomains ListTagsForResource",
        update=f"UpdateFirewallDomains {DNS_TAGS}",
        delete="DeleteFirewallDomainList",
    ),
    "aws:route53/resolverFirewallRule:ResolverFirewallRule": calls(
        "route53resolver",
        create="CreateFirewallRule",
        read="ListFirewallRules",
        update="UpdateFirewallRule",
        delete="DeleteFirewallRule",
    ),
    "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup": calls(
        "route53resolver",
        create="CreateFirewallRuleGroup TagResource",
        read="GetFirewallRuleGroup ListTagsForResource",
        update=DNS_TAGS,
        delete="DeleteFirewallRuleGroup",
    ),
}
"""Rule groups of the DNS firewall."""


def shares(*policies: str) -> ResourceCalls:
    """Returns the actions on RAM shares. ``policies`` are actions with which RAM writes resource policies for the
    caller."""
    return {
        "aws:ram/principalAssociation:PrincipalAssociation": calls(
            "ram",
            create="AssociateResourceShare organizations:DescribeOrganization",
            read="GetResourceShareAssociations",
            delete="DisassociateResourceShare",
        ),
        "aws:ram/resourceAssociation:ResourceAssociation": calls(
            "ram",
            create=" ".join(("AssociateResourceShare", *policies)),
            read="GetResourceShareAssociations",
            delete="DisassociateResourceShare",
        ),
        "aws:ram/resourceShare:ResourceShare": calls(
            "ram",
            create="CreateResourceShare TagResource",
            read="GetResourceShares ListResourceSharePermissions",
            update=f"UpdateResourceShare {DNS_TAGS}",
            delete="DeleteResourceShare",
        ),
    }


ORGANIZATION_SHARES = shares("route53profiles:PutProfilePolicy", "route53resolver:PutFirewallRuleGroupPolicy")
"""Resources that the network account shares with the organization."""

JOINING_SHARED_ENDPOINTS: ResourceCalls = {
    "aws:ec2/route:Route": calls(
        "ec2", create="CreateRoute", read="DescribeRouteTables", update="ReplaceRoute", delete="DeleteRoute"
    ),
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": calls(
        "ec2",
        create="CreateTags CreateTransitGatewayVpcAttachment",
        read="DescribeTransitGatewayVpcAttachments DescribeTransitGateways GetTransitGatewayRouteTableAssociations "
        "GetTransitGatewayRouteTablePropagations",
        update=f"ModifyTransitGatewayVpcAttachment {TAGS}",
        delete="DeleteTransitGatewayVpcAttachment",
        linked="transitgateway",
    ),
}
"""Resources that attach a network to the transit gateway."""

CALLING_SHARED_ENDPOINTS: ResourceCalls = {
    **JOINING_SHARED_ENDPOINTS,
    "aws:route53/profilesAssociation:ProfilesAssociation": calls(
        "route53profiles",
        create="AssociateProfile TagResource ec2:DescribeVpcs",
        read="GetProfileAssociation ListTagsForResource",
        update=DNS_TAGS,
        delete="DisassociateProfile",
    ),
}

SHARED_ENDPOINTS: ResourceCalls = {
    **JOINING_SHARED_ENDPOINTS,
    "aws:ec2transitgateway/route:Route": calls(
        "ec2",
        create="CreateTransitGatewayRoute",
        read="SearchTransitGatewayRoutes",
        delete="DeleteTransitGatewayRoute",
    ),
    "aws:ec2transitgateway/routeTable:RouteTable": calls(
        "ec2",
        create="CreateTags CreateTransitGatewayRouteTable",
        read="DescribeTransitGatewayRouteTables",
        update=TAGS,
        delete="DeleteTransitGatewayRouteTable",
    ),
    "aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation": calls(
        "ec2",
        create="AssociateTransitGatewayRouteTable DescribeTransitGatewayVpcAttachments",
        read="GetTransitGatewayRouteTableAssociations",
        delete="DisassociateTransitGatewayRouteTable",
    ),
    "aws:ec2transitgateway/transitGateway:TransitGateway": calls(
        "ec2",
        create="CreateTags CreateTransitGateway",
        read="DescribeTransitGateways",
        update=f"ModifyTransitGateway {TAGS}",
        delete="DeleteTransitGateway",
    ),
    "aws:ec2transitgateway/vpcAttachmentAccepter:VpcAttachmentAccepter": calls(
        "ec2",
        create="AcceptTransitGatewayVpcAttachment CreateTags",
        read="DescribeTransitGatewayVpcAttachments DescribeTransitGateways GetTransitGatewayRouteTableAssociations "
        "GetTransitGatewayRouteTablePropagations",
        update=f"ModifyTransitGatewayVpcAttachment {TAGS}",
        delete="DeleteTransitGatewayVpcAttachment",
    ),
    "aws:route53/profilesProfile:ProfilesProfile": calls(
        "route53profiles",
        create="CreateProfile TagResource",
        read="GetProfile ListTagsForResource",
        update=DNS_TAGS,
        delete="DeleteProfile",
    ),
    "aws:route53/profilesResourceAssociation:ProfilesResourceAssociation": calls(
        "route53profiles",
        create="AssociateResourceToProfile ec2:DescribeVpcEndpoints",
        read="GetProfileResourceAssociation",
        update="UpdateProfileResourceAssociation",
        delete="DisassociateResourceFromProfile",
    ),
}
"""Resources of the transit gateway in the network account, where attachments are admitted."""

INTERNET_EGRESS: ResourceCalls = {
    **DNS_RULES,
    "aws:ec2/eip:Eip": calls(
        "ec2",
        create="AllocateAddress CreateTags",
        read="DescribeAddresses DescribeAddressesAttribute",
        update=TAGS,
        delete="DisassociateAddress ReleaseAddress",
    ),
    "aws:ec2/internetGateway:InternetGateway": calls(
        "ec2",
        create="AttachInternetGateway CreateInternetGateway CreateTags",
        read="DescribeInternetGateways",
        update=f"AttachInternetGateway DetachInternetGateway {TAGS}",
        delete="DeleteInternetGateway DetachInternetGateway",
    ),
    "aws:ec2/natGateway:NatGateway": calls(
        "ec2",
        create="CreateNatGateway CreateTags",
        read="DescribeNatGateways",
        update=TAGS,
        delete="DeleteNatGateway",
    ),
    "aws:ec2/route:Route": JOINING_SHARED_ENDPOINTS["aws:ec2/route:Route"],
    "aws:networkfirewall/firewall:Firewall": calls(
        "network-firewall",
        create=f"CreateFirewall TagResource ec2:DescribeSubnets ec2:DescribeVpcs {FIREWALL_KEY}",
        read="DescribeFirewall ListTagsForResource",
        update="AssociateFirewallPolicy AssociateSubnets DisassociateSubnets UpdateFirewallDeleteProtection "
        f"UpdateFirewallDescription UpdateFirewallEncryptionConfiguration UpdateFirewallPolicyChangeProtection "
        f"UpdateSubnetChangeProtection {DNS_TAGS}",
        delete="DeleteFirewall UpdateFirewallDeleteProtection",
        linked="network-firewall",
    ),
    "aws:networkfirewall/firewallPolicy:FirewallPolicy": calls(
        "network-firewall",
        create=f"CreateFirewallPolicy TagResource {FIREWALL_KEY}",
        read="DescribeFirewallPolicy ListTagsForResource",
        update=f"UpdateFirewallPolicy {DNS_TAGS}",
        delete="DeleteFirewallPolicy",
    ),
    "aws:networkfirewall/loggingConfiguration:LoggingConfiguration": calls(
        "network-firewall",
        create="UpdateLoggingConfiguration logs:CreateLogDelivery",
        read="DescribeLoggingConfiguration logs:GetLogDelivery logs:ListLogDeliveries",
        update="UpdateLoggingConfiguration logs:UpdateLogDelivery",
        delete="UpdateLoggingConfiguration logs:DeleteLogDelivery",
    ),
    "aws:networkfirewall/ruleGroup:RuleGroup": calls(
        "network-firewall",
        create=f"CreateRuleGroup TagResource {FIREWALL_KEY}",
        read="DescribeRuleGroup ListTagsForResource",
        update=f"UpdateRuleGroup {DNS_TAGS}",
        delete="DeleteRuleGroup",
    ),
}
"""Resources of internet egress in experimentation: a NAT gateway behind a firewall with allowed hosts."""
