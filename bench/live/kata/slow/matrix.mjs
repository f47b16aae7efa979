/** The product of two square matrices, rows of numbers. */
export function multiply(a, b) {
  return a.map((row) => {
    const product = new Array(b[0].length).fill(0);
    for (let index = 0; index < row.length; index++) {
      const [value, other] = [row[index], b[index]];
      for (let column = 0; column < other.length; column++) product[column] += value * other[column];
    }
    return product;
  });
}
