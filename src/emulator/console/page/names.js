// What people call things.

export const CHATS = { slack: 'Slack', dingtalk: 'DingTalk', feishu: 'Feishu', wecom: 'WeCom', teams: 'Teams' }

export const LANGUAGES = { en: 'English', zh: '中文', ja: '日本語' }
