-- Says why so many more items of so many bytes do not fit; nil when they do.
local function refusal(count, bytes, most_items, most_bytes, now)
  local items = call('ZCARD', VISIBLE) + call('ZCARD', INVISIBLE)
  local held = tonumber(call('HGET', ITEMS, 'bytes')) or 0
  if items + count <= most_items and held + bytes <= most_bytes then return nil end
  local ended = call('ZCOUNT', VISIBLE, '-inf', now) + call('ZCOUNT', INVISIBLE, '-inf', now)
  -- Batches whose time is over may hold items that die.
  return {'FULL', items, held, ended + call('ZCOUNT', DUE, '-inf', now)}
end
