/** All that were told anew. */
import { incrCases } from './incr.js';
import { authCases, introspection2Cases, introspectionCases } from './introspection.js';
import { keyspaceCases } from './keyspace.js';
import { multiCases } from './multi.js';
import { otherCases } from './other.js';
import type { RedisCaseFile } from './redis-case.js';
import { scanCases } from './scan.js';
import { stringCases } from './string.js';

export const redisCaseFiles: readonly RedisCaseFile[] = [
  ...[stringCases, incrCases, multiCases, keyspaceCases, scanCases, otherCases],
  ...[introspectionCases, introspection2Cases, authCases],
];
