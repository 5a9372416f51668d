#!lua
-- Puts a queue together again, a part of whose keys has vanished: from the items, step by step. Refused under OOM.
--
-- The first step forgets batches and lists, so invisible items may be read again; each step then takes up some items.
-- They keep their priority; their order within it and their attempts are lost. One rebuild runs at a time.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel   2 '' for the first step, then what the last step returned
-- Returns
--   {'STEP', what to pass to the next step, items taken up}
--   {'DONE', '', items taken up}
--   {'BUSY', '', 0}   another one made a step less than ten seconds ago
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include queue
-- @include queue_letters

-- Items that one step looks at, more or less: what HSCAN is asked for.
local STEP = 50

if not is_queue() or not (ARGV[2] == '' or is_text(ARGV[2], 20) and string.find(ARGV[2], '^%d+$')) then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
local place = ARGV[2]
if place == '' then
  if (tonumber(call('HGET', ITEMS, 'rebuild')) or 0) > now - 10000 then return {'BUSY', '', 0} end
  for _, priority in ipairs(call('ZRANGE', PRIORITIES, 0, -1)) do
    call('UNLINK', list_of(priority, 1), list_of(priority, 2), list_of(priority, 3))
  end
  call('UNLINK', VISIBLE, INVISIBLE, PRIORITIES, BATCHES, DUE)
  for id, letter in pairs(letters()) do
    if call('HEXISTS', ITEMS, id) == 0 then call('LREM', DEAD, 1, letter.element) end
  end
  call('HSET', ITEMS, 'bytes', 0)
  call('HDEL', ITEMS, 'stale')
  place = '0'
end

local scanned = call('HSCAN', ITEMS, place, 'COUNT', STEP)
local dead, taken = letters(), 0
for index = 1, #scanned[2], 2 do
  local id, item = scanned[2][index], scanned[2][index + 1]
  if #id == 16 and not dead[id] and not call('ZSCORE', VISIBLE, id) and not call('ZSCORE', INVISIBLE, id) then
    local _, priority, _, expires = struct.unpack('<Bddd', item)
    local text = text_of(priority)
    if expires > now then
      call('ZADD', VISIBLE, expires, id)
      call('ZADD', PRIORITIES, text, text)
      call('RPUSH', list_of(text, 3), id)
      call('HINCRBY', ITEMS, 'bytes', #item - ITEM_HEAD)
      taken = taken + 1
    else
      call('HDEL', ITEMS, id)
    end
  end
end
wake(taken, now)
if scanned[1] == '0' then
  call('HDEL', ITEMS, 'rebuild')
  return {'DONE', '', taken}
end
call('HSET', ITEMS, 'rebuild', now)
return {'STEP', scanned[1], taken}
