import type { Plant } from './plant.js';

const hints = 'src/protocols/quorum/hints.ts';
const writes = 'src/protocols/quorum/coordinator/writes.ts';
const reads = 'src/protocols/quorum/coordinator/reads.ts';
const tombstones = 'src/protocols/quorum/tombstones.ts';
const antiEntropy = 'src/protocols/quorum/anti-entropy.ts';

export const quorumPlants: readonly Plant[] = [
  {
    name: 'hints are kept in memory only, and anti-entropy does not begin by itself',
    file: hints,
    old: "    ctx.persist({ type: 'hint', target, key, version, value });",
    now: '    void key;\n    void version;\n    void value;',
  },
  {
    name: 'a hint counts as a replica',
    file: writes,
    old: '      } else hints.keep(owner, entry, ctx);\n    }\n    this.#progress(phase, ctx);',
    now: `      } else {
        hints.keep(owner, entry, ctx);
        phase.acknowledged.push(owner);
      }
    }
    this.#progress(phase, ctx);`,
  },
  {
    name: 'anti-entropy leaves out tombstones',
    file: antiEntropy,
    old: '      this.#parts.clock.observe(entry.version.stamp, ctx);\n',
    now: '      if (entry.value === null) continue;\n',
  },
  {
    name: 'what is written is not persisted',
    file: 'src/protocols/quorum/store.ts',
    old: "    ctx.persist({ type: 'entry', key: entry.key, version: entry.version, value: entry.value });",
    now: '',
  },
  {
    name: 'the clock is not persisted',
    file: 'src/protocols/quorum/hybrid-clock.ts',
    old: "    ctx.persist({ type: 'ceiling', stamp: this.#ceiling });",
    now: '',
  },
  {
    name: 'a write that came too late is not stamped anew',
    file: writes,
    old: '      if (phase.newerStamp > 0 && phase.mayStampAnew) {',
    now: '      if (phase.newerStamp < 0 && phase.mayStampAnew) {',
  },
  {
    name: 'a tombstone is collected before the grace period is over',
    file: tombstones,
    old: '      if (store.heldFor(key, version, ctx.now) < this.#graceMs) continue;',
    now: '      if (store.heldFor(key, version, ctx.now) < 0) continue;',
  },
  {
    name: 'a write is acknowledged by one replica fewer than asked',
    file: writes,
    old: 'phase.acknowledged.length >= phase.ask.writeNeeded) {',
    now: 'phase.acknowledged.length >= Math.max(1, phase.ask.writeNeeded - 1)) {',
  },
  {
    name: 'a linearizable read does not impose what it found',
    file: reads,
    old: '    if (phase.ask.readNeeded === 1) {',
    now: '    if (phase.ask.readNeeded >= 1) {',
  },
  {
    name: 'two answers of one replica count as two',
    file: writes,
    old: '    if (!strike(phase.waiting, from)) return;\n    phase.acknowledged.push(from);',
    now: '    strike(phase.waiting, from);\n    phase.acknowledged.push(from);',
  },
  {
    name: 'hints are forgotten when they are sent',
    file: hints,
    old: "    ctx.send(target, { type: 'handoff', entries });",
    now: `    ctx.send(target, { type: 'handoff', entries });
    for (const { key, version } of entries) if (ctx.random.chance(0.5)) this.#forget(target, key, version);`,
  },
  {
    name: 'anti-entropy takes nothing',
    file: antiEntropy,
    old: "    if (entries.length === 0) return;\n    ctx.tell({ what: 'takes repairs from'",
    now: "    if (entries.length >= 0) return;\n    ctx.tell({ what: 'takes repairs from'",
  },
];
