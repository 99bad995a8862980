-- What the filters in this folder share: how Typst's markup is written, and which blocks stay
-- together. They load it with `dofile`.

local shared = {}

function shared.quoted(text)
  return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('[\r\n]+', ' ') .. '"'
end

function shared.raw(text) return pandoc.RawInline('typst', text) end
function shared.raw_block(text) return pandoc.RawBlock('typst', text) end

-- A label, to be written after the target of a link.
function shared.label(id)
  return id ~= '' and ' #label(' .. shared.quoted(id) .. ')' or ''
end

-- A call that takes blocks as its last argument.
function shared.call(opening, blocks, closing)
  local all = pandoc.Blocks { shared.raw_block(opening) }
  all:extend(blocks)
  all:insert(shared.raw_block(closing))
  return all
end

local most_rows = 12

-- A table that stays in one piece.
function shared.is_short(element)
  local rows = 0
  for _, body in ipairs(element.bodies) do rows = rows + #body.body end
  return rows <= most_rows
end

local lists = { BulletList = true, OrderedList = true }

-- A line that only announces a list, and what leads to a table: they stay with it.
function shared.announces(block, following)
  if block.t ~= 'Para' or not following then return false end
  local text = pandoc.utils.stringify(block)
  if following.t == 'Table' then return #text > 0 and #text < 700 end
  if not lists[following.t] then return false end
  local is_strong = #block.content == 1 and block.content[1].t == 'Strong'
  return #text > 0 and #text < 90 and (is_strong or text:sub(-1) == ':')
end

-- The footnotes of a page, by their identifiers; empty for any other block.
function shared.footnotes(block)
  local notes = {}
  if block.t ~= 'Div' or not block.classes:includes('footnote') then return notes end
  block:walk { Div = function(note)
    if note.classes:includes('footnote-text') then notes[note.identifier] = note.content end
  end }
  return notes
end

return shared
