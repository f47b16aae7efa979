/** Words of programs that looked for a repository: git's own, and those of tools that take a version from it. */
export const asksGit =
  /not a git repository|setuptools.scm was unable to detect version|unable to determine version|vcs.*unable to find/i;

export const gitHint =
  'asks git, and there is no .git in the sandbox; give it one of the base, read-only with its history and tags, by "git": "sealed" in loop.json, or give the version in the command (SETUPTOOLS_SCM_PRETEND_VERSION=1.0)';
