#!lua
-- Keeps the last committed save of a record for its next server, while the lease bears the writer's nonce.
--
-- Refused under OOM: a hot copy is a convenience, and memory belongs to leases.
--
-- KEYS  1 lease hash   2 hot copy hash
-- ARGV  1 nonce (16 bytes)   2 version   3 save id (16 bytes)   4 checksum (unsigned 64 bit, decimal)
--       5 document bytes   6 payload, at most 65,536 bytes   7 life of the copy, ms
-- Returns
--   {'STORED'}
--   {'NOT_HELD'}
--   {'BAD_ARGUMENT'}

-- @include arguments

local lease, hot, nonce = KEYS[1], KEYS[2], ARGV[1]
local version, save_id, checksum, document_bytes, payload = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local copy_millis = whole(ARGV[7], 1, LONGEST_MILLIS)
if #KEYS ~= 2 or not is_id(nonce) or not whole(version, 0, LARGEST) or not is_id(save_id)
  or not is_text(checksum, 20) or not string.find(checksum, '^%d+$')
  or not whole(document_bytes, 0, LARGEST) or not is_text(payload, 65536) or not copy_millis then
  return {'BAD_ARGUMENT'}
end

if redis.call('HGET', lease, 'nonce') ~= nonce then
  return {'NOT_HELD'}
end

redis.call(
  'HSET', hot, 'version', version, 'save_id', save_id, 'checksum', checksum,
  'document_bytes', document_bytes, 'payload', payload
)
redis.call('PEXPIRE', hot, copy_millis)
return {'STORED'}
