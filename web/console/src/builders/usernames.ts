const USERNAME = /^[a-z0-9][a-z0-9_-]{1,30}[a-z0-9]$/;

/** Whether somebody can be called so; the API has the same rule. */
export function isUsername(text: string): boolean {
  return USERNAME.test(text);
}
