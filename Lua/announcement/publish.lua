#!lua
-- Adds one entry to a fast announcement log, which numbers its entries itself, and hints at it.
--
-- The oldest entries give way. A repeated request, which says so, finds its entry among the last 100.
--
-- KEYS  1 state hash   2 log list
-- ARGV  1 id (16 bytes)   2 time to live, ms   3 message, 1 to 65,536 bytes   4 generation of a new log (16 bytes)
--       5 Pub/Sub channel   6 1 for a repeated request, else 0   7 most entries of the log, 1 to 10,000
-- Returns
--   {'PUBLISHED', generation, sequence, ms since 1970}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include announcement_log

local state, log, id, message, channel = KEYS[1], KEYS[2], ARGV[1], ARGV[3], ARGV[5]
local life = whole(ARGV[2], 1, LONGEST_MILLIS)
local repeated = whole(ARGV[6], 0, 1)
local most = whole(ARGV[7], 1, 10000)
if #KEYS ~= 2 or not is_id(id) or not life or not is_text(message, 65536) or not is_id(ARGV[4])
  or not is_text(channel, 1024) or not repeated or not most then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
local found = redis.call('HMGET', state, 'generation', 'last', 'last_id')
local generation = found[1] or ARGV[4]
local last = whole(found[2], 0, LARGEST - 1) or 0
local last_id = found[3] or ''
if repeated == 1 then
  local entries = redis.call('LRANGE', log, -100, -1)
  for index = #entries, 1, -1 do
    if id_of(entries[index]) == id then
      return {
        'PUBLISHED', generation, string.format('%.0f', sequence_of(entries[index])),
        string.format('%.0f', tonumber(string.sub(entries[index], 33, 48)))
      }
    end
  end
end

local entry = table.concat({digits(last + 1), id, digits(now), digits(now + life), message})
local length = redis.call('RPUSH', log, entry)
redis.call('HSET', state, 'generation', generation, 'last', string.format('%.0f', last + 1), 'last_id', id)
local dropped = trim(log, length, most, now)
if dropped then redis.call('HSET', state, 'dropped', string.format('%.0f', dropped)) end
redis.call('PEXPIRE', state, STATE_MILLIS)
keep_until(log, now + life)
hint(channel, 'f', generation, last, last_id, {entry})
return {'PUBLISHED', generation, string.format('%.0f', last + 1), string.format('%.0f', now)}
