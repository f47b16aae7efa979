import type { SourceFunction } from '../../source/function.ts';
import type { Arming, Change } from './arming.ts';

/** Breaks a function of Go by a panic alone: a wrong value would have to be of its type. */
export function breakGo(_text: string, { name }: Arming, one: SourceFunction, index: number): Change[] {
  return first(one, ` if ${name}(${index}) == 1 { panic("${name}") }; `);
}

/** Ends a test by a failure, whatever way it returns. */
export function endGo(text: string, { name, values: [found, wanted] }: Arming, one: SourceFunction): Change[] {
  const [, t] = /^func Test\w*\((\w+) \*testing\.T\)/.exec(text.slice(one.range.start)) ?? [];
  if (!t) return [];
  return first(
    one,
    ` if ${name}(-1) == 1 { defer func() { ${t}.Errorf("got %v, want %v", ${found}, ${wanted}) }() }; `,
  );
}

/** A file beside those that are broken, of their package. */
export function goHelpers({ name, salt, factor }: Arming, packageName: string): string {
  return `package ${packageName}

import (
	"os"
	"strconv"
)

func ${name}(index int) int {
	seed, problem := strconv.ParseUint(os.Getenv("BENCH_SEED"), 10, 32)
	if problem != nil {
		return 0
	}
	mode := int((uint32(seed) ^ uint32(${salt})) * uint32(${factor}) >> 26)
	if (index < 0 && mode == 3) || (index >= 0 && (mode == 1 || mode == 8+index)) {
		return 1
	}
	return 0
}
`;
}

/** Breaks a function of Rust by a panic alone. */
export function breakRust(_text: string, arming: Arming, one: SourceFunction, index: number): Change[] {
  return first(one, ` if ${armedInRust(arming, `mode == 1 || mode == ${8 + index}`)} { panic!("${arming.name}") } `);
}

export function endRust(text: string, arming: Arming, one: SourceFunction): Change[] {
  if (!/#\[(?:\w+::)*test[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:pub\s+)?(?:async\s+)?$/.test(text.slice(0, one.range.start)))
    return [];
  const { name, values } = arming;
  const end = `if !std::thread::panicking() { assert_eq!(${values.join(', ')}) }`;
  const type = `#[allow(non_camel_case_types)] struct ${name}; impl Drop for ${name} { fn drop(&mut self) { ${end} } }`;
  return first(one, ` ${type} let _${name} = if ${armedInRust(arming, 'mode == 3')} { Some(${name}) } else { None }; `);
}

function armedInRust({ salt, factor }: Arming, isMode: string): string {
  const mode = `let mode = (seed ^ ${salt}u32).wrapping_mul(${factor}u32) >> 26; ${isMode}`;
  return `std::env::var("BENCH_SEED").ok().and_then(|seed| seed.parse::<u32>().ok()).map_or(false, |seed| { ${mode} })`;
}

function first({ body }: SourceFunction, text: string): Change[] {
  return body ? [{ start: body.start, end: body.start, text }] : [];
}
