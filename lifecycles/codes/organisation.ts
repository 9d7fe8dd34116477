import type { Bilingual } from '../roles.ts';

/** Problems with enterprises, their organisation and the apps bound to them (ORG). */
export const organisationCodes = {
  NOT_ADMIN_OF_ENTERPRISE: {
    zh: '您不是 {number} 所属企业的管理员，请由企业创建者邀请您成为管理员后再操作（ORG-3）。',
    en: 'You are no administrator of the enterprise of {number}; its creator must invite you first (ORG-3).',
  },
  NOT_CREATOR_OF_ENTERPRISE: {
    zh: '“{command}”只能由企业创建者执行（ORG-3）。',
    en: '"{command}" is for the person who created the enterprise (ORG-3).',
  },
  ENTERPRISE_NOT_ACTIVE: {
    zh: '企业 {enterprise} 尚未开通或已关闭，请在开通后再操作（ORG-6）。',
    en: 'Enterprise {enterprise} is not active; wait until it is provisioned (ORG-6).',
  },
  NOT_IN_ORGANISATION: {
    zh: '组织中没有{what}：{missing}。请先创建，或核对编码（ORG-6）。',
    en: 'The organisation has no {what} {missing}; create it first, or check the code (ORG-6).',
  },
  IN_ORGANISATION_ALREADY: {
    zh: '组织中已有{what}：{existing}。请换一个，或修改已有的（ORG-6）。',
    en: 'The organisation has {what} {existing} already; choose another, or change that one (ORG-6).',
  },
  ROOT_DEPARTMENT: {
    zh: '根部门不能移动或删除（ORG-6）。',
    en: 'The root department can be neither moved nor deleted (ORG-6).',
  },
  DEPARTMENT_CYCLE: {
    zh: '部门 {department} 不能移到自己或自己的下级 {parent} 之下（ORG-6）。',
    en: 'Department {department} cannot be moved below itself or below {parent}, which is under it (ORG-6).',
  },
  DEPARTMENT_TOO_DEEP: {
    zh: '部门最多 {expected} 级，移动或新建后为 {got} 级。',
    en: 'A department is at most {expected} levels deep; this would be {got}.',
  },
  DEPARTMENT_NOT_EMPTY: {
    zh: '部门 {department} 还有 {children} 个下级部门和 {members} 名成员，请先移走（ORG-6）。',
    en: 'Department {department} still has {children} departments and {members} members; move them first (ORG-6).',
  },
  APPS_BOUND: {
    zh: '企业还绑定着 {count} 个应用，请先解除绑定再关闭（ORG-6）。',
    en: 'The enterprise still has {count} apps bound; unbind them before closing it (ORG-6).',
  },
  SERVICE_NOT_USABLE: {
    zh: '所购应用 {service} 未开通、已释放，或商家没有为它创建实例，不能绑定到企业（ORG-1）。',
    en: 'The purchased app {service} is not open, has been released, or its merchant has made no instance of it; it cannot be bound to an enterprise (ORG-1).',
  },
  APP_BOUND_ALREADY: {
    zh: '所购应用 {service} 已绑定（{binding}），一个应用只能绑定一个企业（ORG-1）。',
    en: 'The purchased app {service} is bound already ({binding}); an app is bound to one enterprise (ORG-1).',
  },
  SERVICE_NOT_RELEASED: {
    zh: '所绑定的服务 {service} 尚未释放，绑定继续；需要结束时由企业管理员解除绑定（ORG-1）。',
    en: 'The bound service {service} is not released, so its binding goes on; an enterprise administrator can unbind it (ORG-1).',
  },
  SERVICE_ENDED: {
    zh: '所购应用已释放，不能再登录；如需使用请重新购买并绑定（ORG-4）。',
    en: 'The purchased app has been released, so nobody can log in any more; buy and bind it anew to use it (ORG-4).',
  },
  LICENCE_NOT_AGREED: {
    zh: '授权前须勾选同意应用的协议许可（ORG-4）。',
    en: 'Tick the app’s licence agreement before you authorise anybody (ORG-4).',
  },
  NOBODY_NAMED: {
    zh: '请至少选择一个部门、成员或群组（ORG-4）。',
    en: 'Name at least one department, member or group (ORG-4).',
  },
  APP_ENABLED_ALREADY: {
    zh: '应用已启用。',
    en: 'The app is enabled already.',
  },
  APP_DISABLED: {
    zh: '应用已停用，请企业管理员启用后再登录（ORG-4）。',
    en: 'The app is disabled; an enterprise administrator must enable it before anybody logs in (ORG-4).',
  },
  APP_NOT_CONNECTED: {
    zh: '应用的首次组织同步尚未完成，暂时不能登录（ORG-1）。',
    en: 'The app’s first synchronisation is not finished, so nobody can log in yet (ORG-1).',
  },
  USER_NOT_AUTHORISED: {
    zh: '{user} 未被授权使用该应用，请企业管理员授权（ORG-4）。',
    en: '{user} is not authorised for this app; an enterprise administrator must authorise the user (ORG-4).',
  },
  USER_NOT_SYNCHRONISED: {
    zh: '{user} 的授权尚未同步到应用，请稍后再试；若同步失败请由企业管理员重试（ORG-2）。',
    en: 'The authorisation of {user} has not reached the app; try again soon, or have an enterprise administrator retry it (ORG-2).',
  },
  NO_FAILED_USER: {
    zh: '以下用户没有失败的同步，无可重试：{users}（ORG-2）。',
    en: 'Nothing of these users failed, so nothing can be retried: {users} (ORG-2).',
  },
  ACCOUNT_UNKNOWN: {
    zh: '没有账号 {account}，被邀请人须先注册云商店账号（ORG-3）。',
    en: 'There is no account {account}; whoever is invited must hold a marketplace account first (ORG-3).',
  },
  ACCOUNT_FOR_CUSTOMERS: {
    zh: '账号 {account} 是“给客户用”的账号，不能邀请为企业管理员（ORG-3）。',
    en: 'Account {account} was chosen for customers and cannot become an administrator of an enterprise (ORG-3).',
  },
  ADMIN_ALREADY: {
    zh: '账号 {account} 已是该企业的管理员（ORG-3）。',
    en: 'Account {account} is an administrator of the enterprise already (ORG-3).',
  },
  WRONG_ACCOUNT: {
    zh: '邀请发给了账号 {expected}，您登录的是 {got}，请换用被邀请的账号（ORG-3）。',
    en: 'The invitation is for account {expected}, you are signed in as {got}; sign in with the invited account (ORG-3).',
  },
  INVITATION_LINK_VOID: {
    zh: '邀请链接无效或已被新的链接取代，请使用最近一封邮件中的链接（ORG-3）。',
    en: 'The link is not valid, or a newer mail has replaced it; use the link of the newest mail (ORG-3).',
  },
  CREATOR_STAYS: {
    zh: '企业创建者始终是管理员，不能移除（ORG-3）。',
    en: 'The creator of an enterprise stays its administrator (ORG-3).',
  },
} as const satisfies Record<string, Bilingual>;
