interface Issue {
  path: PropertyKey[];
  message: string;
}

/** What zod finds wrong, with its place before it. */
export function issueSentence(issue: Issue): string {
  return `${issuePath(issue)} ${issue.message}`.trim();
}

export function issuePath({ path }: Pick<Issue, "path">): string {
  return path.map(String).join(".");
}
