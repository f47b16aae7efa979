/** Tells of code at a path, in one line each, what it runs on and which packages it may use. */
export type Runtime = (path: string) => string[];

const languages: [RegExp, name: string, manifest: string][] = [
  [/\.([cm]?js|jsx)$/, 'JavaScript', 'package.json'],
  [/\.([cm]?ts|tsx)$/, 'TypeScript', 'package.json'],
  [/\.py$/, 'Python', 'pyproject.toml'],
  [/\.go$/, 'Go', 'go.mod'],
  [/\.rs$/, 'Rust', 'Cargo.toml'],
  [/\.c$/, 'C', ''],
  [/\.(cc|cpp|cxx|hpp|hh)$/, 'C++', ''],
  [/\.h$/, 'C or C++', ''],
  [/\.java$/, 'Java', ''],
  [/\.rb$/, 'Ruby', ''],
  [/\.php$/, 'PHP', ''],
  [/\.cs$/, 'C#', ''],
];

export function languageName(path: string): string | null {
  return languages.find(([ending]) => ending.test(path))?.[1] ?? null;
}

/** Files that tell of a language's version and packages. */
export const manifestNames: readonly string[] = [
  ...new Set(languages.map(([, , manifest]) => manifest).filter(Boolean)),
  'requirements.txt',
];

const maxPackages = 12;
/** What a manifest names in another form is no name, and might speak to a model. */
const [packageForm, versionForm] = [/^[@\w./-]{1,80}$/, /^[\w .,<>=^~|*+-]{1,40}$/];

/**
 * Reads manifests for what code may use.
 * @param manifests texts by path
 * @param versions of the tools that run, by language: "Node.js 22.1.0"
 */
export function runtimeBy(manifests: ReadonlyMap<string, string>, versions: ReadonlyMap<string, string>): Runtime {
  return (path) => {
    const [, name, manifest] = languages.find(([ending]) => ending.test(path)) ?? [];
    if (name === undefined) return [];
    const text = manifest ? nearest(manifests, path, manifest) : undefined;
    const { version, packages } = read(manifest!, text ?? '', nearest(manifests, path, 'requirements.txt') ?? '');
    const runs = versions.get(name) ?? (version && versionForm.test(version) ? version : null);
    const shown = packages
      .filter((one) => packageForm.test(one))
      .slice(0, maxPackages)
      .join(', ');
    return [
      `Language: ${name}${runs ? ` (${runs})` : ''}`,
      ...(text !== undefined
        ? [`Packages: ${shown === '' ? 'the standard library alone' : shown}; no other can be installed`]
        : []),
    ];
  };
}

/** The manifest in the folder of a file, or the nearest above. */
function nearest(manifests: ReadonlyMap<string, string>, path: string, name: string): string | undefined {
  for (let folder = path; folder !== '';) {
    folder = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '';
    const found = manifests.get(folder === '' ? name : `${folder}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function read(manifest: string, text: string, requirements: string): { version: string | null; packages: string[] } {
  if (manifest === 'package.json') return readPackage(text);
  const one = (form: RegExp) => form.exec(text)?.[1] ?? null;
  if (manifest === 'go.mod')
    return {
      version: prefixed('go ', one(/^go\s+([\w.]+)/m)),
      packages: all(text, /^\s*(?:require\s+)?([\w.-]+\.\w+\/\S+)\s+v/gm),
    };
  if (manifest === 'Cargo.toml') {
    const section = one(/^\[dependencies\]([^[]*)/m) ?? '';
    return {
      version: prefixed('edition ', one(/^edition\s*=\s*"([\w.]+)"/m)),
      packages: all(section, /^\s*([\w-]+)\s*=/gm),
    };
  }
  const listed = one(/^dependencies\s*=\s*\[([^\]]*)\]/m) ?? '';
  return {
    version: one(/^requires-python\s*=\s*["']([^"']+)["']/m),
    packages: [...all(listed, /["']([\w.-]+)/g), ...all(requirements, /^([\w.-]+)/gm)],
  };
}

function readPackage(text: string): ReturnType<typeof read> {
  try {
    const { engines, dependencies } = JSON.parse(text) as Record<string, Record<string, unknown> | undefined>;
    const node = engines?.['node'];
    return { version: typeof node === 'string' ? `Node.js ${node}` : null, packages: Object.keys(dependencies ?? {}) };
  } catch {
    return { version: null, packages: [] };
  }
}

function prefixed(prefix: string, version: string | null): string | null {
  return version && `${prefix}${version}`;
}

function all(text: string, form: RegExp): string[] {
  return [...text.matchAll(form)].map(([, name]) => name!);
}
