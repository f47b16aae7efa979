const schemes = ['https', 'http', 'ssh', 'git', 'file'];

/** Tells an address that git reaches from a path on this host. Allowed addresses are another question. */
export function isUrl(repository: string): boolean {
  return /^[^/\s]+:/.test(repository);
}

/** Why a text can be no loop's repository, as one line; null where its form is fine. Never repeats a password. */
export function repositoryFormProblem(repository: string): string | null {
  if (/[\0-\x1f\x7f]/.test(repository)) return 'repository: has control characters; give a path or a URL without them';
  if (repository.startsWith('-'))
    return `repository: "${repository}" begins with "-", as an option does; give an absolute path or a URL`;
  if (!isUrl(repository))
    return repository.startsWith('/')
      ? null
      : `repository: "${repository}" is a relative path; give an absolute one, or a URL`;
  return repository.includes('://') ? urlProblem(repository) : scpProblem(repository);
}

/** The last part of a path or URL, without ".git". */
export function repositoryName(repository: string): string {
  const path = isUrl(repository) ? repository.slice(repository.indexOf(':') + 1) : repository;
  return (path.replace(/\/+$/, '').split('/').at(-1) ?? '').replace(/\.git$/i, '');
}

/** Accepts globs of absolute paths, and of URLs with their scheme (or user and host) written out. */
export function isRepositoryGlob(glob: string): boolean {
  return (
    glob.startsWith('/') ||
    schemes.some((scheme) => glob.startsWith(`${scheme}://`)) ||
    /^[A-Za-z0-9_][A-Za-z0-9._-]*\\?@[^/:\s]+:/.test(glob)
  );
}

function urlProblem(url: string): string | null {
  const [, scheme = '', authority = '', path = ''] = /^([^:/]*):\/\/([^/]*)(.*)$/s.exec(url) ?? [];
  if (!schemes.includes(scheme)) return otherTransport(scheme);
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? null : authority.slice(0, at);
  const bare = `${scheme}://${authority.slice(at + 1)}${path}`;
  if (user !== null && (scheme !== 'ssh' || user.includes(':')))
    return `repository: ${bare} is given with credentials, which ledgers would keep; leave them to git's credential helper`;
  if (scheme === 'file' ? authority !== '' : authority.slice(at + 1) === '')
    return `repository: ${bare} has ${scheme === 'file' ? 'a host; give file:///path' : 'no host; give one'}`;
  if (authority.startsWith('-') || authority.slice(at + 1).startsWith('-'))
    return `repository: ${bare} has a host or user that begins with "-", as an option does`;
  if (/^\/*$/.test(path)) return `repository: ${bare} names no repository; give its path too`;
  return pathProblem(bare, path);
}

/** user@host:path */
function scpProblem(address: string): string | null {
  if (/^[A-Za-z0-9+.-]*::/.test(address)) return otherTransport(address.slice(0, address.indexOf('::') + 2));
  const [, user = '', host = '', path = ''] = /^([^@/:]+)@(\[[^\]/]+\]|[^@/:[\]]+):(.*)$/s.exec(address) ?? [];
  if (!user) return otherTransport(address.slice(0, address.indexOf(':') + 1));
  if (host.startsWith('-')) return `repository: ${address} has a host that begins with "-", as an option does`;
  if (/^\/*$/.test(path)) return `repository: ${address} names no repository; give its path too`;
  return pathProblem(address, path);
}

/** Refuses paths that a glob and a server could read differently. */
function pathProblem(address: string, path: string): string | null {
  if (/(^|\/)\.{1,2}(\/|$)|%2[ef]|\\/i.test(path))
    return `repository: ${address} has "." or ".." in its path, or an encoded "." or "/"; give it without`;
  return null;
}

function otherTransport(scheme: string): string {
  const remedy = 'give https, http, ssh, git or file and "://", or user@host:path';
  return `repository: "${scheme.slice(0, 30)}" is no transport that is served; ${remedy}`;
}
