# --- The package ---------------------------------------------------------------------------------------------------------

variable "name" {
  description = "Name of the function that events reach; the other names begin with it."
  type        = string
  default     = "rds-seal"

  validation {
    # A log project's name has 63 characters, of which the account and the region take the rest.
    condition     = can(regex("^[a-z][a-z0-9-]{0,23}$", var.name))
    error_message = "A lower-case letter, then lower-case letters, digits and hyphens; at most 24 characters."
  }
}

variable "code_bucket" {
  description = "OSS bucket, in the region of the provider, that holds the package."
  type        = string
}

variable "code_object" {
  description = "The package, a zip with `bootstrap` and `seal.toml`. Name each build anew: names are compared, not contents."
  type        = string
}

variable "runtime" {
  description = "Function Compute's Debian. A release of the provider that refuses custom.debian12 takes custom.debian10."
  type        = string
  default     = "custom.debian12"

  validation {
    condition     = contains(["custom.debian10", "custom.debian11", "custom.debian12"], var.runtime)
    error_message = "custom.debian10, custom.debian11 or custom.debian12."
  }
}

# --- What it may do ------------------------------------------------------------------------------------------------------

variable "mode" {
  description = "plan changes nothing. enforce makes IRREVERSIBLE changes: backup encryption cannot be turned off again."
  type        = string
  default     = "plan"

  validation {
    condition     = contains(["plan", "enforce"], var.mode)
    error_message = "plan or enforce."
  }
}

variable "doors" {
  description = "What strangers may reach: none, webhook, chat or both. Anything but none adds the door and the worker."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "webhook", "chat", "both"], var.doors)
    error_message = "none, webhook, chat or both."
  }
}

variable "keys" {
  description = "Ids of the KMS keys that [key] in seal.toml names. They only widen the roles; empty for RDS's automatic key."
  type        = list(string)
  default     = []
}

variable "member_roles" {
  description = "ARNs of the roles to take on in other accounts, as accounts.role in seal.toml makes them."
  type        = list(string)
  default     = []
}

variable "door_member_roles" {
  description = "ARNs of the roles that the door takes on there to read for plans, as accounts.door_role makes them."
  type        = list(string)
  default     = []
}

variable "authorize" {
  description = "Whether `authorize = true` is in seal.toml: create the role by which RDS uses keys, where it is missing."
  type        = bool
  default     = false
}

# --- Secrets and settings ------------------------------------------------------------------------------------------------

variable "secret" {
  description = "32 random bytes or more, in every function but the door. Kept in the state: prefer `secrets`, with KMS."
  type        = string
  default     = ""
  sensitive   = true
}

variable "door_secret" {
  description = "32 other random bytes, of the door and the worker. Kept in the state: prefer `secrets`, with KMS."
  type        = string
  default     = ""
  sensitive   = true
}

variable "secrets" {
  description = "Names of the KMS secrets that seal.toml names for every function but the door; `*` may end one."
  type        = list(string)
  default     = []
}

variable "door_secrets" {
  description = "Names of the KMS secrets of the door: door_secret and what proves chats and webhooks. The worker reads them too."
  type        = list(string)
  default     = []
}

variable "secrets_keys" {
  description = "Ids of your own keys that encrypt those secrets; empty where KMS encrypts them with a key of the service."
  type        = list(string)
  default     = []
}

variable "environment" {
  description = "What seal.toml reads with { env = \"NAME\" } in every function but the door, such as the URLs of sinks."
  type        = map(string)
  default     = {}
  sensitive   = true
}

variable "door_environment" {
  description = "What seal.toml reads with { env = \"NAME\" } in the door and the worker, such as SLACK_SIGNING_SECRET."
  type        = map(string)
  default     = {}
  sensitive   = true
}

# --- Failures, logs and alarms -------------------------------------------------------------------------------------------

variable "failure_queue" {
  description = "Name of an SMQ queue for what could not be handled in time. Empty: one is created."
  type        = string
  default     = ""
}

variable "log_project" {
  description = "Name of a log project for the audit stream, with the logstore below in it. Empty: both are created."
  type        = string
  default     = ""
}

variable "logstore" {
  description = "Name of the logstore."
  type        = string
  default     = "rds-seal"
}

variable "log_days" {
  description = "How long a logstore that is created here keeps lines, in days. 3650 is for ever."
  type        = number
  default     = 365
}

variable "report_buses" {
  description = "ARNs of the event buses that sinks of kind eventbridge name, acs:eventbridge:{region}:{account}:eventbus/{bus}."
  type        = list(string)
  default     = []
}

variable "contact_groups" {
  description = "CloudMonitor contact groups that alarms go to. Empty: there are no alarms."
  type        = list(string)
  default     = []
}

variable "statistics" {
  description = "CloudMonitor's word for how it reads Function Compute's metrics. Average is seen in use; its list says Value."
  type        = string
  default     = "Average"
}
