# Who each function is, and what it may do. Nothing here can read data, take backups or delete anything.

locals {
  # The actions of each function, by what they are done to. A test holds this table to what the code calls.
  actions = {
    events = {
      # RAM files the write under the access level "get": only its own name grants it for certain.
      write       = ["rds:EnableBackupEncryption"]
      instances   = ["rds:DescribeDBInstanceAttribute", "rds:DescribeBackups", "rds:DescribeBackupPolicy", "rds:ListTagResources"]
      listing     = ["rds:DescribeDBInstances"]
      anything    = ["rds:CheckRegionSupportBackupEncryption", "rds:CheckBackupEncryptionAuthorized"]
      keys        = ["kms:DescribeKey", "kms:TagResource", "kms:ListResourceTags"]
      queue       = ["fc:InvokeFunction"]
      secrets     = ["kms:GetSecretValue"]
      secrets_key = ["kms:Decrypt"]
      members     = ["sts:AssumeRole"]
      buses       = ["eventbridge:PutEvents"]
      authorize   = ["rds:AuthorizeBackupEncryption"]
      creation    = ["ram:CreateServiceLinkedRole"]
      failures    = ["mns:SendMessage"]
      logs        = ["log:PostLogStoreLogs"]
    }
    door = {
      instances   = ["rds:DescribeDBInstanceAttribute", "rds:DescribeBackups", "rds:DescribeBackupPolicy", "rds:ListTagResources"]
      listing     = ["rds:DescribeDBInstances"]
      anything    = ["rds:CheckRegionSupportBackupEncryption", "rds:CheckBackupEncryptionAuthorized"]
      keys        = ["kms:DescribeKey", "kms:ListResourceTags"]
      queue       = ["fc:InvokeFunction"]
      secrets     = ["kms:GetSecretValue"]
      secrets_key = ["kms:Decrypt"]
      members     = ["sts:AssumeRole"]
      logs        = ["log:PostLogStoreLogs"]
    }
    worker = {
      write       = ["rds:EnableBackupEncryption"]
      instances   = ["rds:DescribeDBInstanceAttribute", "rds:DescribeBackups", "rds:DescribeBackupPolicy", "rds:ListTagResources"]
      listing     = ["rds:DescribeDBInstances"]
      anything    = ["rds:CheckRegionSupportBackupEncryption", "rds:CheckBackupEncryptionAuthorized"]
      keys        = ["kms:DescribeKey", "kms:TagResource", "kms:ListResourceTags"]
      queue       = ["fc:InvokeFunction"]
      secrets     = ["kms:GetSecretValue"]
      secrets_key = ["kms:Decrypt"]
      members     = ["sts:AssumeRole"]
      buses       = ["eventbridge:PutEvents"]
      authorize   = ["rds:AuthorizeBackupEncryption"]
      creation    = ["ram:CreateServiceLinkedRole"]
      failures    = ["mns:SendMessage"]
      logs        = ["log:PostLogStoreLogs"]
    }
  }

  # Whose queue each puts work into: the door the worker's, the others their own.
  queue_of = { events = "events", door = "worker", worker = "worker" }

  # The names of KMS secrets that each reads.
  secrets_of = {
    events = var.secrets
    door   = var.door_secrets
    worker = concat(var.secrets, var.door_secrets)
  }

  # On what each may do it. What is empty gets no statement.
  resources = { for function in local.functions : function => {
    # Any region: the call has no region parameter, and one endpoint serves several regions.
    write     = ["acs:rds:*:${local.account}:dbinstance/*"]
    instances = ["acs:rds:*:${local.account}:dbinstance/*"]
    listing   = ["acs:rds:*:${local.account}:dbinstance/*"]
    # Questions about a region and an account: no page names a resource for them [inferred].
    anything = ["*"]
    keys     = [for key in var.keys : "acs:kms:*:${local.account}:key/${key}"]
    # With the qualifier, and without one [inferred from the two forms in which the ARN is written].
    queue       = [local.arns[local.queue_of[function]], "${local.arns[local.queue_of[function]]}/*"]
    secrets     = [for name in local.secrets_of[function] : "acs:kms:${local.region}:${local.account}:secret/${name}"]
    secrets_key = [for key in var.secrets_keys : "acs:kms:${local.region}:${local.account}:key/${key}"]
    members     = function == "door" ? var.door_member_roles : var.member_roles
    buses       = var.report_buses
    authorize   = var.authorize ? ["*"] : []
    creation    = var.authorize ? ["*"] : []
    failures    = ["${local.failures}/messages"]
    logs        = ["acs:log:${local.region}:${local.account}:project/${local.log_project}/logstore/${var.logstore}"]
  } }

  # A service-linked role of RDS's backup encryption and no other.
  conditions = {
    creation = { StringEquals = { "ram:ServiceName" = "backupencryption.rds.aliyuncs.com" } }
  }
}

resource "alicloud_ram_role" "this" {
  for_each = toset(local.functions)

  # A role's name is global to the account; one module watches one region.
  role_name   = "${local.names[each.key]}-${local.region}"
  description = "What the ${each.key} function of rds-seal may do."

  assume_role_policy_document = jsonencode({
    Version   = "1"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = ["fc.aliyuncs.com"] } }]
  })
}

resource "alicloud_ram_policy" "this" {
  for_each = toset(local.functions)

  policy_name = "${local.names[each.key]}-${local.region}"
  description = "What the ${each.key} function of rds-seal may do."

  policy_document = jsonencode({
    Version = "1"
    Statement = [for kind, actions in local.actions[each.key] : merge(
      { Effect = "Allow", Action = actions, Resource = local.resources[each.key][kind] },
      { for of, condition in local.conditions : "Condition" => condition if of == kind },
    ) if length(local.resources[each.key][kind]) > 0]
  })
}

resource "alicloud_ram_role_policy_attachment" "this" {
  for_each = toset(local.functions)

  role_name   = alicloud_ram_role.this[each.key].role_name
  policy_name = alicloud_ram_policy.this[each.key].policy_name
  policy_type = "Custom"
}
