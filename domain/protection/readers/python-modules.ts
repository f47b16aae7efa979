/** Public top names of Python's standard library, 3.8 to 3.14. */
export const standardModules: ReadonlySet<string> = new Set(
  `
  abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii
  bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall
  compression concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses
  datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp
  fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib
  heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3
  linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt
  multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb
  pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile
  pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets
  select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile
  sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau symtable sys sysconfig
  syslog tabnanny tarfile telnetlib tempfile termios textwrap this threading time timeit tkinter token tokenize
  tomllib trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu uuid venv
  warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
`
    .trim()
    .split(/\s+/),
);

/** Lists imported modules as paths: `import a.b` gives "a" and "a/b". Nothing can shadow relative ones: left out. */
export function importedModules(source: string): string[] {
  const modules = namedModules(source).filter((module) => !module.startsWith('.'));
  const paths = modules.flatMap((module) => {
    const parts = module.split('.');
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  });
  return [...new Set(paths)];
}

/** Lists modules that a text imports, as written: `from .a import b` gives ".a" and ".a.b". Best effort. */
function namedModules(text: string): string[] {
  const found: string[] = [];
  const whole = text.replace(/\\\r?\n/g, ' ').replace(/#[^\n]*/g, '');
  for (const [, module = '', names = ''] of whole.matchAll(
    /\bfrom[ \t]*([\w.]{1,200})[ \t]*\bimport\b[ \t]*(\([^()]*\)|[\w., \t]*)/g,
  )) {
    const prefix = module.endsWith('.') ? module : `${module}.`;
    found.push(module);
    for (const one of names.split(',')) if (/\w/.test(one)) found.push(prefix + /\w+/.exec(one)![0]);
  }
  for (const [, list = ''] of whole.matchAll(/(?:^|[;:])[ \t]*import[ \t]+([\w., \t]*)/gm))
    found.push(...list.split(',').flatMap((one) => /\w[\w.]*/.exec(one)?.[0] ?? []));
  for (const [, module = ''] of whole.matchAll(/\b(?:import_module|__import__|run_module)\(\s*['"]([\w.]+)['"]/g))
    found.push(module);
  return found;
}
