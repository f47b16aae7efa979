/**
 * A command source that prints one hypothesis for fast-levenshtein 2.0.6 which is truly faster.
 * The brief on standard input is not needed.
 */
const file = 'levenshtein.js';

const hypothesis = {
  title: 'Skip what both strings share at their ends, read each character once',
  rationale:
    'A common beginning or end never changes the distance, so only what lies between is compared. ' +
    'The character of a row is read once, before its columns are walked.',
  edits: [
    {
      file,
      search: '      var str1Len = str1.length,\n        str2Len = str2.length;',
      replace: `      // what both strings begin or end with is left out
      if (!useCollator) {
        var start = 0, end1 = str1.length, end2 = str2.length;
        while (end1 > 0 && end2 > 0 && str1.charCodeAt(end1 - 1) === str2.charCodeAt(end2 - 1)) {
          --end1;
          --end2;
        }
        while (start < end1 && start < end2 && str1.charCodeAt(start) === str2.charCodeAt(start)) {
          ++start;
        }
        str1 = str1.slice(start, end1);
        str2 = str2.slice(start, end2);
      }

      var str1Len = str1.length,
        str2Len = str2.length;`,
    },
    {
      file,
      search: 'without collator\n        for (i = 0; i < str1Len; ++i) {',
      replace: `without collator
        var char1;
        for (i = 0; i < str1Len; ++i) {
          char1 = str1.charCodeAt(i);`,
    },
    { file, search: 'strCmp = str1.charCodeAt(i) === str2Char[j];', replace: 'strCmp = char1 === str2Char[j];' },
  ],
};

console.log(JSON.stringify(hypothesis));
