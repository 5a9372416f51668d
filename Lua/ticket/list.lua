#!lua flags=allow-oom
-- Lists the tickets that wait, the oldest first, and drops up to 100 expired ones.
--
-- KEYS  1 tickets   2 waiting   3 ends
-- ARGV  1 the place that the page before ended with, or ''   2 most tickets to look at, 1 to 200
-- Returns
--   {'TICKETS', now in ms since 1970, place to go on from or '' at the end,
--       then for each ticket: id, nonce, arrival in ms since 1970, end in ms since 1970, JSON}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include ticket

local after, limit = ARGV[1], whole(ARGV[2], 1, 200)
if #KEYS ~= 3 or #ARGV ~= 2 or #after > 518 or not limit then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
reclaim_tickets(now)
local places = redis.call('ZRANGEBYLEX', KEYS[2], after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, limit)
local reply = {'TICKETS', string.format('%.0f', now), #places == limit and places[limit] or ''}
for index = 1, #places do
  local id = string.sub(places[index], 7)
  local ticket = waiting_ticket(id, now, false)
  if ticket then
    reply[#reply + 1] = id
    reply[#reply + 1] = ticket.nonce
    reply[#reply + 1] = string.format('%.0f', ticket.since)
    reply[#reply + 1] = string.format('%.0f', ticket.ends)
    reply[#reply + 1] = ticket.document
  end
end
return reply
