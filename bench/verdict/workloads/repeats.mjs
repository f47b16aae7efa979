/** Times a section five times after one warm-up and prints `{ cpu, wall }`, each repeat in ms. CPU is of all threads of this process. */
export function timeRepeats(section) {
  const cpu = [];
  const wall = [];
  section();
  for (let repeat = 0; repeat < 5; repeat++) {
    const cpuBefore = process.cpuUsage();
    const wallBefore = performance.now();
    section();
    wall.push(performance.now() - wallBefore);
    const { user, system } = process.cpuUsage(cpuBefore);
    cpu.push((user + system) / 1000);
  }
  console.log(JSON.stringify({ cpu, wall }));
}
