-- The layout of a queue. Every queue script has the same KEYS:
--    1 items       hash: item id (16 bytes) to item: flags (1 = durable), priority, added and expires in ms, then the
--                  value. Besides: `bytes` of the values in the queue, `stale` (ids in lists whose item is gone),
--                  `rebuild` (time of the last step of one, ms), and `cursor`: generation of the durable log and the
--                  number up to which it was pushed. What was pushed and how far vanish together, so that nothing
--                  of the log is ever taken for delivered by mistake
--    2 visible     sorted set: ids of items that a read may take, by expiry
--    3 invisible   sorted set: ids of items in a batch, by expiry
--    4 priorities  sorted set: the priorities in use, as text by value
--    5 lists       how the names of the lists begin: <lists>:<priority>:<rank>, all under the same hash tag.
--                  Reads take rank 1 (ids and attempts of items given back) before 2 (ids moved here from 3 when
--                  it was compacted) before 3 (ids in the order of their adding). Ids whose item is gone are skipped.
--                  No key has this very name: while a cluster moves the slot it therefore answers TRYAGAIN, and no
--                  script sees a half of the lists
--    6 batches     hash: batch id to batch: most attempts, then for each item id, attempts, flags, bytes, priority
--    7 due         sorted set: batch ids by the time at which their items are given back
--    8 gone        list: the last ids of items and batches that were removed
--    9 dead        list: id, attempts and time of death of dead letters, the oldest first; their items stay in 1
--   10 waiters     sorted set: processes in which somebody waits, by the time they last said so
-- ARGV[1] is always the channel of hints. A hint names the one process that should look.
local ITEMS, VISIBLE, INVISIBLE, PRIORITIES, LISTS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local BATCHES, DUE, GONE, DEAD, WAITERS = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local call = redis.call

-- The longest time to live and invisibility: 45 days in milliseconds.
local LONGEST_TTL = 3888000000
-- The longest value in bytes.
local LONGEST_VALUE = 32768
-- The most items of one call.
local MOST_ITEMS = 100
-- The most different priorities of one queue.
local MOST_PRIORITIES = 1000
-- Ids that are kept after their removal.
local MOST_GONE = 5000
-- A process that waits says so every few seconds; this long without a word, it is taken for dead.
local WAITER_MILLIS = 10000

-- Says whether KEYS are those of a queue.
local function is_queue()
  return #KEYS == 10 and is_text(ARGV[1], 1024)
end

-- Reads a priority; nil for anything but a finite number. There is one zero.
local function priority_of(text)
  local number = type(text) == 'string' and #text <= 32 and tonumber(text)
  if not number or number ~= number or number == math.huge or number == -math.huge then return nil end
  return number + 0
end

local function text_of(priority)
  return string.format('%.17g', priority)
end

local function list_of(priority, rank)
  return LISTS .. ':' .. priority .. ':' .. rank
end

-- The expiries of ids in a set, false for those that are not in it. An element of a list begins with an id.
local function expiries_of(elements, set)
  local ids = {}
  for index, element in ipairs(elements) do ids[index] = string.sub(element, 1, 16) end
  return call('ZMSCORE', set, unpack(ids)), ids
end

-- Names up to `most` processes that should look, those first that wait longest.
local function wake(most, now)
  local named = 0
  for _ = 1, 32 do
    if named >= most or named >= 8 then return end
    local waiter = call('ZPOPMIN', WAITERS)
    if not waiter[1] then return end
    if tonumber(waiter[2]) > now - WAITER_MILLIS then
      -- A hint may fail, for want of a permission for example, and must not take the rest with it.
      redis.pcall('PUBLISH', ARGV[1], waiter[1])
      named = named + 1
    end
  end
end

-- Keeps ids of what was removed, so that a repeated request is recognised.
local function remember(ids)
  if call('RPUSH', GONE, unpack(ids)) > MOST_GONE + 1000 then
    call('LTRIM', GONE, -MOST_GONE, -1)
  end
end

-- Packs an item; its head has 25 bytes.
local ITEM_HEAD = 25
local function pack_item(flags, priority, added, expires, value)
  return struct.pack('<Bddd', flags, priority, added, expires) .. value
end

-- Unpacks the items of a batch, and the attempts after which each dies.
local ENTRY_BYTES = 31
local function entries_of(batch)
  local entries = {}
  for position = 3, #batch, ENTRY_BYTES do
    local id, attempts, flags, bytes, priority = struct.unpack('<c16HBId', batch, position)
    entries[#entries + 1] = {id = id, attempts = attempts, flags = flags, bytes = bytes, priority = priority}
  end
  return entries, struct.unpack('<H', batch)
end
