import { describe, expect, it } from 'vitest';
import { isRepositoryGlob, isUrl, repositoryFormProblem, repositoryName } from '../../../domain/config/repository.ts';

describe('a repository', () => {
  it.each([
    ['https://example.org/org/thing.git', 'thing'],
    ['http://localhost:8080/thing/', 'thing'],
    ['ssh://git@example.org:2222/org/thing.git', 'thing'],
    ['git://127.0.0.1:9418/thing', 'thing'],
    ['file:///srv/thing.git', 'thing'],
    ['git@example.org:org/thing.git', 'thing'],
    ['git@example.org:thing.git', 'thing'],
  ])('by %s is a URL, named by its last part', (url, name) => {
    expect(isUrl(url)).toBe(true);
    expect(repositoryFormProblem(url)).toBeNull();
    expect(repositoryName(url)).toBe(name);
  });

  it.each(['/srv/thing', '/srv/a:b', '/srv/https://thing'])('by %s is a path', (path) => {
    expect(isUrl(path)).toBe(false);
    expect(repositoryFormProblem(path)).toBeNull();
  });

  it.each([
    ['https://me:secret@example.org/r', /given with credentials.*credential helper/],
    ['https://secret@example.org/r', /given with credentials/],
    ['ssh://me:secret@example.org/r', /given with credentials/],
    ['git://secret@example.org/r', /given with credentials/],
    ['ext::sh -c true', /"ext::" is no transport/],
    ['ftp://example.org/r', /"ftp" is no transport/],
    ['data:text/plain,x', /"data:" is no transport/],
    ['host:path', /"host:" is no transport/],
    ['-u@host:path', /begins with "-"/],
    ['git@-oProxyCommand=x:path', /begins with "-"/],
    ['ssh://-oProxyCommand=x/path', /begins with "-"/],
    ['https://example.org/a\u0007b', /control characters/],
    ['https://example.org/org/../other/r', /"\." or "\.\."/],
    ['https://example.org/org/%2E%2e/r', /encoded/],
    ['file://host/srv/r', /has a host/],
    ['https:///r', /no host/],
    ['https://example.org/', /names no repository/],
    ['git@example.org:', /names no repository/],
    ['thing', /relative path/],
  ])('%j is refused by name, and no secret is repeated', (text, message) => {
    expect(repositoryFormProblem(text)).toMatch(message);
    expect(repositoryFormProblem(text)).not.toContain('secret');
  });

  it('may be allowed by path or by a URL whose scheme or host is written out', () => {
    for (const glob of [
      '/srv/**',
      'https://example.org/*',
      'git@example.org:org/*',
      'git\\@example.org:org/r.git',
      'file:///srv/*',
    ])
      expect(isRepositoryGlob(glob), glob).toBe(true);
    for (const glob of ['**', '*://example.org/*', '*@host:*', 'srv/*', 'ext::*'])
      expect(isRepositoryGlob(glob), glob).toBe(false);
  });
});
