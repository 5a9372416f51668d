#!lua flags=no-writes
-- Reads submission counts and metadata of members of a shard of a board.
--
-- KEYS  1 members
-- ARGV  1 rules   2… 1 to 100 members
-- Returns
--   {'OK', then for each member: submissions after the first or '', metadata or ''}
--   {'ABSENT'} there is no board
--   {'RULES', rules in place}
--   {'BAD_ARGUMENT'}

-- @include board

if #KEYS ~= 1 or #ARGV < 2 or #ARGV > 101 then
  return {'BAD_ARGUMENT'}
end
local names = {'#rules'}
for index = 2, #ARGV do
  names[#names + 1] = 'n' .. ARGV[index]
  names[#names + 1] = 'd' .. ARGV[index]
end
local values = call('HMGET', KEYS[1], unpack(names))
if not values[1] then return {'ABSENT'} end
if values[1] ~= ARGV[1] then return {'RULES', values[1]} end
values[1] = 'OK'
for index = 2, #values do values[index] = values[index] or '' end
return values
