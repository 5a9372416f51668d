-- Places in a shard of a board (see board.lua).

-- A score as text that loses nothing, which Lua's own conversion would.
local function exact(score)
  return string.format('%.17g', score)
end

-- The length of the mark that an element or prefix begins with.
local function mark_length(score, bytes)
  local start = (score >= TWO_53 or score <= -TWO_53) and 3 or 1
  return string.byte(bytes, start) == 61 and start or start + 8
end

-- Compares bytes: Lua's own comparison follows the locale of the server.
local function is_less(left, right)
  for index = 1, math.min(#left, #right) do
    local one, other = string.byte(left, index), string.byte(right, index)
    if one ~= other then return one < other end
  end
  return #left < #right
end

-- How many elements come before (score, bytes) in the order of the board; no element needs to be there.
--
-- Redis counts by score only, so the place among equal scores is found by halving.
local function position(set, descending, score, bytes)
  score = exact(score)
  local low
  if descending then
    low = call('ZCOUNT', set, '(' .. score, '+inf')
  else
    low = call('ZCOUNT', set, '-inf', '(' .. score)
  end
  local high = low + call('ZCOUNT', set, score, score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local is_before
    if descending then
      is_before = is_less(bytes, call('ZRANGE', set, middle, middle, 'REV')[1])
    else
      is_before = is_less(call('ZRANGE', set, middle, middle)[1], bytes)
    end
    if is_before then low = middle + 1 else high = middle end
  end
  return low
end

-- The place of an element that is there, from 0, in a style of ranks: how many elements (unique), elements of
-- better levels (competition), or better levels (dense) there are before it.
local function place(style, ranks, levels, descending, score, element)
  if style == 'unique' then return call(descending and 'ZREVRANK' or 'ZRANK', ranks, element) end
  local mark = string.sub(element, 1, mark_length(score, element))
  return position(style == 'dense' and levels or ranks, descending, score, descending and mark .. '\255' or mark)
end
