terraform {
  required_version = ">= 1.5"

  required_providers {
    alicloud = {
      source = "aliyun/alicloud"
      # 1.252.0 is the first release in which a role is named by `role_name`.
      version = ">= 1.252.0"
    }
  }
}
