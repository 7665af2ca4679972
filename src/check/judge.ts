/** One history, judged model by model; what one model needs and another has found out is kept. */

import { entryOf, lazily } from '../core/lookup.js';
import { kindCode } from '../history/event.js';
import type { History } from '../history/history.js';
import { askBudget, type Budget, type Stages } from './budget.js';
import { isOfTransactions } from './elle/anomaly.js';
import { judgeTransactions } from './elle/elle.js';
import { Narrator } from './evidence/narrator.js';
import { fromNowhere, registerStory } from './evidence/register-story.js';
import {
  decided,
  holds,
  type ModelVerdict,
  unknownBecause,
  verdictOf,
  violated,
  worst,
} from './finding.js';
import { type Initials, noInitials } from './initial.js';
import { linearizable, serializable } from './linearizable.js';
import { causal } from './models/causal.js';
import { eventual, goneNodes } from './models/eventual.js';
import { KeySessions, type SessionModel } from './models/guarantees.js';
import { type Origins, originsOf } from './models/origins.js';
import { regular } from './models/regular.js';
import { sessionsOf } from './models/sessions.js';
import {
  consequencesOf,
  type ModelName,
  modelNames,
  models,
  type ObjectModelName,
  type Traits,
} from './models.js';
import { isOfObject } from './objects/objects.js';
import { registerKinds } from './register/operations.js';
import { appendedKeys, type KeyOperations, splitByKey } from './register/split.js';
import { type Asked, searched, unexplained } from './search/searched.js';
import { type TextOperation, textCallsByKey, textModel } from './search/texts.js';

export interface JudgedModel {
  readonly judgement: ModelVerdict;
  /** The verdict on another model, from which this one follows. */
  readonly follows: ModelName | null;
}

export class Judge {
  readonly history: History;
  readonly narrator: Narrator;
  readonly keys: readonly KeyOperations[];
  readonly traits: Traits;
  readonly #stages: Stages;
  readonly #searchShare: number;
  readonly #quietNs: number;
  readonly #asked: readonly ModelName[] | null;
  readonly #initials: Initials;
  readonly #judged = new Map<ModelName, JudgedModel>();
  readonly #origins = new Map<KeyOperations, Origins>();
  readonly #keySessions = new Map<KeyOperations, KeySessions>();
  /** Keys to which somebody appends. */
  readonly #texts: readonly Asked<TextOperation>[][];
  /** Keys whose operations are linearizable, and so keep to all that is weaker and about one key. */
  readonly #linearizable = new Set<KeyOperations>();
  readonly #sessions = lazily(() => sessionsOf(this.history));
  readonly #transactions = lazily(() =>
    judgeTransactions(
      this.history,
      (share) => this.#stages.begin('transactions', share),
      this.#asked?.filter(isOfTransactions),
      this.#initials,
    ),
  );

  /** `asked`: the models that will be asked for, among which time is shared. */
  constructor(
    history: History,
    asked: readonly ModelName[] | null,
    stages: Stages,
    quietNs: number,
    initials: Initials = noInitials,
  ) {
    this.history = history;
    this.#asked = asked;
    this.#initials = initials;
    this.narrator = new Narrator(history);
    this.#stages = stages;
    const isSearch = (model: ModelName) =>
      model === 'linearizable' || model === 'strict-serializable';
    // A search that can't end leaves the other half to the models below.
    this.#searchShare = asked?.every(isSearch) ? 1 : 0.5;
    this.#quietNs = quietNs;
    this.keys = splitByKey(history, initials);
    const isText = appendedKeys(history);
    this.#texts = isText.includes(1)
      ? [...textCallsByKey(history)].flatMap(([key, asked]) => (isText[key] === 1 ? [asked] : []))
      : [];
    const replaces = ({ register }: KeyOperations) =>
      register.kind.includes(registerKinds.cas) || register.kind.includes(registerKinds.update);
    this.traits = {
      hasTransactions: history.kind.includes(kindCode.txn),
      hasReplacements: this.keys.some(replaces),
    };
  }

  /** Keys that are known not to be linearizable, or not known to be. */
  get otherKeys(): readonly KeyOperations[] {
    return this.keys.filter((key) => !this.#linearizable.has(key));
  }

  /** What is not decided by itself may follow from what is known of others. */
  judge(model: ModelName): JudgedModel {
    const known = this.#judged.get(model);
    if (known !== undefined) return known;
    const judged = this.#fromStronger(model) ?? this.#byItself(model);
    this.#judged.set(model, judged);
    return judged;
  }

  #byItself(model: ModelName): JudgedModel {
    const judgement = decided(() => this.#judge(model));
    const strongest = this.traits.hasTransactions ? 'strict-serializable' : 'linearizable';
    if (judgement.type === 'unknown' && model !== strongest) {
      // It may be quickly decided and settle this, too.
      this.judge(strongest);
      const judged = this.#fromStronger(model);
      if (judged !== null) return judged;
    }
    return { judgement, follows: null };
  }

  #fromStronger(model: ModelName): JudgedModel | null {
    for (const stronger of modelNames) {
      const holding = this.#judged.get(stronger)?.judgement.type === 'holds';
      if (holding && consequencesOf(stronger, this.traits).has(model)) {
        return { judgement: holds, follows: stronger };
      }
    }
    return null;
  }

  #judge(model: ModelName): ModelVerdict {
    if (isOfObject(model)) return unknownBecause(`no operation is one of a ${models[model].title}`);
    if (this.traits.hasTransactions) return this.#ofTransactions(model);
    const weaker = model !== 'linearizable' && model !== 'strict-serializable';
    const thinAir = weaker ? this.#fromNowhere(this.#stages.begin(model)) : null;
    if (thinAir !== null) return thinAir;
    const judgement = this.#ofRegisters(model);
    if (!weaker || this.#texts.length === 0) return judgement;
    const why = 'texts that are appended to are judged by linearizability only';
    return worst([judgement, unknownBecause(why)]);
  }

  #ofTransactions(model: ModelName): ModelVerdict {
    const judgements: ReadonlyMap<ModelName, ModelVerdict> = this.#transactions();
    return (
      judgements.get(model) ??
      unknownBecause('with transactions among them, operations are judged as transactions only')
    );
  }

  #ofRegisters(model: Exclude<ModelName, ObjectModelName>): ModelVerdict {
    switch (model) {
      case 'strict-serializable':
        return this.judge('linearizable').judgement;
      case 'linearizable':
        return this.#linearizably();
      case 'serializable':
        return this.#byEngine('serializable', this.otherKeys, serializable);
      case 'causal':
        return this.#causally();
      case 'regular':
        return this.#eachKey(this.otherKeys, this.#stages.begin(model), (key) =>
          regular(this.narrator, key, this.#originsOf(key).vagueCount),
        );
      case 'eventual': {
        const gone = goneNodes(this.history);
        return this.#eachKey(this.otherKeys, this.#stages.begin(model), (key) =>
          eventual(this.narrator, key, this.#originsOf(key), this.#quietNs, gone),
        );
      }
      case 'snapshot-isolation':
      case 'read-atomic':
      case 'read-committed':
      case 'read-uncommitted':
        return unknownBecause('there are no transactions');
      default:
        return this.#bySessions(model);
    }
  }

  #linearizably(): ModelVerdict {
    const share = this.#searchShare;
    const registers = this.#byEngine('linearizable', this.keys, linearizable, share);
    if (this.#texts.length === 0) return registers;
    const budget = this.#stages.begin('linearizable', share);
    const tell = unexplained(this.narrator, 'the operations');
    const texts = this.#texts.map((asked) => searched(textModel, asked, budget, tell));
    return worst([registers, ...texts]);
  }

  #byEngine(
    model: 'linearizable' | 'serializable',
    keys: readonly KeyOperations[],
    engine: typeof linearizable,
    share = 1,
  ): ModelVerdict {
    const budget = this.#stages.begin(model, share);
    return this.#eachKey(keys, budget, (key) => {
      const verdict = engine(key.register, budget);
      if (verdict.type === 'holds' && model === 'linearizable') this.#linearizable.add(key);
      return verdictOf(verdict, ({ core, anomaly }) =>
        registerStory(this.narrator, key, core, anomaly, model === 'serializable'),
      );
    });
  }

  #bySessions(guarantee: SessionModel): ModelVerdict {
    return this.#eachKey(this.otherKeys, this.#stages.begin(guarantee), (key) => {
      const made = () => new KeySessions(this.history, this.#sessions(), key, this.#originsOf(key));
      return entryOf(this.#keySessions, key, made).judge(guarantee);
    });
  }

  #causally(): ModelVerdict {
    const budget: Budget = this.#stages.begin('causal');
    const keys = this.keys.map((key) => ({ operations: key, origins: this.#originsOf(key) }));
    const narrator = new Narrator(this.history, this.keys.length > 1);
    return causal(narrator, this.#sessions(), keys, budget);
  }

  /** No model lets a value be read that nobody wrote. */
  #fromNowhere(budget: Budget): ModelVerdict | null {
    for (const key of this.otherKeys) {
      askBudget(budget);
      const { nowhere } = this.#originsOf(key);
      if (nowhere === -1) continue;
      const finding = fromNowhere(this.narrator, key, [nowhere]);
      if (finding !== null) return violated(finding);
    }
    return null;
  }

  /** What is violated on one key is violated, however much was left undone. */
  #eachKey(
    keys: readonly KeyOperations[],
    budget: Budget,
    judge: (key: KeyOperations) => ModelVerdict,
  ): ModelVerdict {
    const judgeInTime = (key: KeyOperations): ModelVerdict => {
      const why = budget.spent(0);
      return why === null ? judge(key) : unknownBecause(why);
    };
    return worst(keys.map(judgeInTime));
  }

  #originsOf(key: KeyOperations): Origins {
    return entryOf(this.#origins, key, () => originsOf(this.history, this.#sessions(), key));
  }
}
