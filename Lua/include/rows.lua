-- Rows of a shard of a board (see board.lua): {member, score, prefix, mark} as they shall be, and old_score,
-- old_mark, old_element as they are stored. A row without a score is not there.

-- The element's bytes between mark and member, where ties go to the first: the earlier one is nearer to the top.
local function reached_bytes(reached, descending)
  return struct.pack('>I8', descending and TWO_53 - reached or reached)
end

-- Reads the rows of members, none of which may be named twice.
local function read_rows(ranks, members, names, marked, first)
  local rows, elements, prefixes = {}, {}, {}
  if marked then
    local fields = {}
    for index, member in ipairs(names) do fields[index] = 'p' .. member end
    prefixes = call('HMGET', members, unpack(fields))
  end
  for index, member in ipairs(names) do
    local prefix = prefixes[index] or '='
    rows[index] = {member = member, prefix = prefix}
    elements[index] = prefix .. member
  end
  for index, score in ipairs(call('ZMSCORE', ranks, unpack(elements))) do
    local row = rows[index]
    -- Where ties go to the first, everyone who is there has a prefix.
    if score and (prefixes[index] or not first) then
      row.score = tonumber(score)
      row.mark = first and string.sub(row.prefix, 1, -9) or row.prefix
      row.old_score, row.old_mark, row.old_element = row.score, row.mark, elements[index]
    end
  end
  return rows
end

-- Counts a member of a level in or out.
local function count_level(members, levels, score, mark, change)
  local level = mark .. exact(score)
  local field = 'c' .. level
  local count = call('HINCRBY', members, field, change)
  if count == 0 then
    call('HDEL', members, field)
    call('ZREM', levels, level)
  elseif count == change then
    call('ZADD', levels, exact(score), level)
  end
end

-- Writes rows whose score or prefix changed, and with them `fields` (names and values) of `members`.
local function write_rows(ranks, members, levels, rows, fields, marked)
  local removed, added, dropped = {}, {}, {}
  for _, row in ipairs(rows) do
    local element = row.score and row.prefix .. row.member
    if element ~= row.old_element and row.old_element then removed[#removed + 1] = row.old_element end
    if element and (element ~= row.old_element or row.score ~= row.old_score) then
      added[#added + 1] = exact(row.score)
      added[#added + 1] = element
    end
    if element ~= row.old_element and element and (marked or row.prefix ~= '=') then
      fields[#fields + 1] = 'p' .. row.member
      fields[#fields + 1] = row.prefix
      if not marked then
        marked = true
        fields[#fields + 1] = '#marked'
        fields[#fields + 1] = '1'
      end
    end
    if row.old_score and not row.score then
      dropped[#dropped + 1] = 'p' .. row.member
      dropped[#dropped + 1] = 'n' .. row.member
      dropped[#dropped + 1] = 'd' .. row.member
    end
    if levels and (row.score ~= row.old_score or row.mark ~= row.old_mark) then
      if row.old_score then count_level(members, levels, row.old_score, row.old_mark, -1) end
      if row.score then count_level(members, levels, row.score, row.mark, 1) end
    end
  end
  if #removed > 0 then call('ZREM', ranks, unpack(removed)) end
  if #added > 0 then call('ZADD', ranks, unpack(added)) end
  if #dropped > 0 then call('HDEL', members, unpack(dropped)) end
  if #fields > 0 then call('HSET', members, unpack(fields)) end
end
