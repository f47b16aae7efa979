/**
 * A command source that prints one hypothesis for fast-levenshtein 2.0.6 which only renames a variable: there is nothing to gain.
 * The brief on standard input is not needed.
 */
const file = 'levenshtein.js';
const cost = '\n\n            nextCol = prevRow[j] + (';

const hypothesis = {
  title: 'Call the result of the comparison by its meaning',
  rationale: 'The variable says whether two characters are equal.',
  edits: [
    { file, search: 'var strCmp;', replace: 'var isEqual;' },
    ...[
      '0 === collator.compare(str1.charAt(i), String.fromCharCode(str2Char[j]));',
      'str1.charCodeAt(i) === str2Char[j];',
    ].map((comparison) => ({
      file,
      search: `strCmp = ${comparison}${cost}strCmp`,
      replace: `isEqual = ${comparison}${cost}isEqual`,
    })),
  ],
};

console.log(JSON.stringify(hypothesis));
