#!lua flags=allow-oom
-- Writes a server's beat and returns the one it replaces.
--
-- Another number than the server wrote last means that Redis lost data. A late beat of the same boot never
-- replaces a newer one. A request to drain stays with the boot that it was made to.
--
-- KEYS  1 beat hash   2 index: sorted set of servers by the time at which their beats end, ms since 1970
-- ARGV  1 server   2 boot (16 bytes)   3 number   4 life of the beat, ms   5 sessions   6 doubtful sessions
--       7 age of the oldest unsaved change, ms   8 smallest lease margin, ms, or ''   9 1 if draining, else 0
--       10 status: JSON, at most 8,192 bytes   11 1 if the server is critical, else 0
-- Returns
--   {'BEAT', number replaced or '', boot replaced or '', 1 if asked to drain else 0, run id of this Redis}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock

local beat, index = KEYS[1], KEYS[2]
local server, boot, status = ARGV[1], ARGV[2], ARGV[10]
local number = whole(ARGV[3], 0, LARGEST)
local beat_millis = whole(ARGV[4], 1, LONGEST_MILLIS)
if #KEYS ~= 2 or not is_text(server, 256) or not is_id(boot) or not number or not beat_millis
  or not whole(ARGV[5], 0, LARGEST) or not whole(ARGV[6], 0, LARGEST) or not whole(ARGV[7], 0, LARGEST)
  or not (ARGV[8] == '' or whole(ARGV[8], 0, LARGEST)) or not whole(ARGV[9], 0, 1) or not whole(ARGV[11], 0, 1)
  or type(status) ~= 'string' or #status > 8192 then
  return {'BAD_ARGUMENT'}
end

-- Asked of the process that runs this very script, so no reconnect can mix up two runs.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
local now = now_millis()
local found = redis.call('HMGET', beat, 'boot', 'number', 'drain')
local same_boot = found[1] == boot
local newer = same_boot and (whole(found[2], 0, LARGEST) or 0) > number

if found[1] and not same_boot then redis.call('DEL', beat) end
if not newer then
  redis.call(
    'HSET', beat, 'server', server, 'boot', boot, 'number', ARGV[3], 'sessions', ARGV[5], 'doubtful', ARGV[6],
    'unsaved_millis', ARGV[7], 'margin_millis', ARGV[8], 'draining', ARGV[9], 'status', status,
    'critical', ARGV[11], 'at', string.format('%.0f', now)
  )
end
redis.call('PEXPIRE', beat, beat_millis)
-- Servers that stopped beating a minute ago leave the index here, so that a listing never writes.
redis.call('ZREMRANGEBYSCORE', index, '-inf', string.format('%.0f', now - 60000))
redis.call('ZADD', index, string.format('%.0f', now + beat_millis), server)
return {'BEAT', found[2] or '', found[1] or '', (same_boot and found[3]) and 1 or 0, run}
