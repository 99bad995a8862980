-- What pandoc's Typst writer leaves out, or writes in a way that handout.typ cannot set.
-- In: the HTML that generator/handout makes of the pages. Out: calls of handout.typ's own
-- functions, whose names have hyphens, as formulas would take other names for their own.

local function quoted(text)
  return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('%s+', ' ') .. '"'
end

local function raw(text) return pandoc.RawInline('typst', text) end
local function raw_block(text) return pandoc.RawBlock('typst', text) end

local function label(id)
  return id ~= '' and ' #label(' .. quoted(id) .. ')' or ''
end

-- A call that takes blocks as its last argument.
local function call(opening, blocks, closing)
  local all = pandoc.Blocks { raw_block(opening) }
  all:extend(blocks)
  all:insert(raw_block(closing))
  return all
end

-- Of a picture that is not to be as wide as the page: pixels of the screen, 96 to an inch.
local function widest(image)
  local pixels = tonumber(image.attributes.width)
  return pixels and string.format(', widest: %.1fmm', pixels * 25.4 / 96) or ''
end

local function picture(image, lead)
  return 'print-picture(' .. quoted(image.src) .. ', alt: ' .. quoted(image.attributes.alt)
    .. (lead and ', lead: true' or '') .. widest(image) .. ', scale: picture-scale)'
end

-- A place in a title that links may lead to.
local function place(id) return id ~= '' and '#metadata(none)' .. label(id):sub(2) .. ' ' or '' end

-- Straight quotation marks are left to Typst, which knows which way they open; pandoc's own
-- `smart` would bend those of code as well.
local function quotation_marks(str)
  if not str.text:find('["\']') then return nil end
  local pieces = pandoc.Inlines {}
  for plain, mark in str.text:gmatch('([^"\']*)(["\']?)') do
    if plain ~= '' then pieces:insert(pandoc.Str(plain)) end
    if mark ~= '' then pieces:insert(raw(mark)) end
  end
  return pieces
end

local footnotes = {}

-- Kept before anything in them is taken for text.
local function keep_alt(image)
  image.attributes.alt = pandoc.utils.stringify(image.caption)
  return image
end

local function collect_footnotes(div)
  if not div.classes:includes('footnote') then return nil end
  div:walk { Div = function(note)
    if note.classes:includes('footnote-text') then footnotes[note.identifier] = note.content end
  end }
  return {}
end

-- Links that went through `sup` leave it behind.
local function footnote(raised)
  local link = raised.content[1]
  if not link or link.t ~= 'Link' or not link.classes:includes('footnote-ref') then return nil end
  return pandoc.Note(footnotes[link.target:sub(2)])
end

-- Typst colours code itself. Where the text names lines of it, the lines have numbers.
local function code(block)
  local language, call_it = 'none', '#'
  for _, class in ipairs(block.classes) do
    if class == 'numberLines' then call_it = '#numbered-code' else language = quoted(class) end
  end
  local text = block.text:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('\n', '\\n')
  local written = 'raw(block: true, lang: ' .. language .. ', "' .. text .. '")'
  return raw_block(call_it == '#' and '#' .. written or call_it .. '(' .. written .. ')')
end

-- Bars that TeX calls opening or closing; pandoc forgets which. Two signs that are nobody's
-- keep their places meanwhile.
local bars = {
  ['\\lvert'] = { '\u{E000}', 'class("opening", bar.v)' },
  ['\\rvert'] = { '\u{E001}', 'class("closing", bar.v)' },
  ['\\lVert'] = { '\u{E002}', 'class("opening", bar.v.double)' },
  ['\\rVert'] = { '\u{E003}', 'class("closing", bar.v.double)' },
}

-- pandoc's Typst for a formula, with what it loses or spells in an older Typst's way.
local function typst_formula(math)
  local tex, below = math.text, {}
  for name, bar in pairs(bars) do tex = tex:gsub(name .. '%f[%A]', bar[1] .. ' ') end
  tex = tex:gsub('\\[bB]igg?[lr]%f[%A]', '')
  for name in tex:gmatch('\\operatorname%*{(.-)}') do below[name:gsub('%A', '')] = true end
  local alone = pandoc.Pandoc { pandoc.Plain { pandoc.Math(math.mathtype, tex) } }
  local written = pandoc.write(alone, 'typst', { wrap_text = 'preserve' }):gsub('%s+$', '')
  if written:sub(1, 1) ~= '$' then
    io.stderr:write('Could not convert TeX math ' .. math.text .. ', rendering as TeX\n')
  end
  written = written:gsub('(.?)("[^"]-")', function(before, name)
    if before == '(' then return nil end  -- words in a formula, not an operator
    local limits = below[name:gsub('%A', '')] and ', limits: #true' or ''
    return before .. 'op(' .. name .. limits .. ')'
  end)
  for _, bar in pairs(bars) do written = written:gsub(bar[1], bar[2] .. ' ') end
  -- A line that goes on with a sign is no line that begins with one.
  written = written:gsub('(\\\n%s*& )([+-] )', '%1"" %2')
  return (written:gsub('%f[%a]sect%f[%A]', 'inter'):gsub('(%a+)%.circle%f[%A]', '%1.o'))
end

-- Every formula gets its TeX as words for those who cannot see it.
local function formula(math, id)
  local alt = '#set math.equation(alt: ' .. quoted(math.text) .. ')\n'
  return raw('#[' .. alt .. typst_formula(math) .. label(id or '') .. ']')
end

-- An anchor just before a displayed formula is the formula's own, so that links can number it.
local function formulas(inlines)
  local anchor = nil
  for i, inline in ipairs(inlines) do
    if inline.t == 'Span' and #inline.content == 0 and inline.identifier ~= '' then
      anchor = i
    elseif inline.t == 'Span' and inline.classes:includes('math-display') and anchor then
      inlines[i] = formula(inline.content[1], inlines[anchor].identifier)
      inlines[anchor] = raw('')
      anchor = nil
    elseif inline.t ~= 'SoftBreak' and inline.t ~= 'Space' then
      anchor = nil
    end
  end
  return inlines
end

local function verdict(span)
  for _, class in ipairs(span.classes) do
    if class:find('^verdict%-') then
      local mark = pandoc.Inlines { raw('#verdict-mark(' .. quoted(class) .. ')[') }
      mark:extend(span.content)
      mark:insert(raw(']'))
      return mark
    end
  end
end

local function span(element)
  local colour = (element.attributes.style or ''):match('background:%s*(#%x+)')
  if element.classes:includes('dot') and colour then return raw('#colour-dot(rgb("' .. colour .. '"))') end
  if element.classes:includes('blank-lines') then
    return pandoc.Inlines { pandoc.Str '(' } .. element.content .. pandoc.Inlines { pandoc.Str ')' }
  end
  if element.classes:includes('filename') then return pandoc.Emph(element.content) end
  if element.classes:includes('blank') then return raw('#write-blank()') end
  if element.classes:includes('verdict') then return verdict(element) end
  return nil
end

local function figure(element, lead)
  local pictures = pandoc.List {}
  element.content:walk { Image = function(image) pictures:insert('[#' .. picture(image, lead) .. ']') end }
  if #pictures == 0 then return nil end
  local caption = element.caption.long
  if #caption == 0 then
    return raw_block('#figure(' .. table.concat(pictures, ' + ') .. ')' .. label(element.identifier))
  end
  local opening = '#figure(' .. table.concat(pictures, ' + ') .. ', caption: ['
  return call(opening, caption, '])' .. label(element.identifier))
end

local function admonition(div)
  local kind, title = 'note', pandoc.Blocks {}
  for _, class in ipairs(div.classes) do
    if class ~= 'admonition' then kind = class end
  end
  local body = div.content
  if body[1] and body[1].t == 'Div' and body[1].classes:includes('admonition-title') then
    title = body:remove(1).content
  end
  local all = call('#note-box(' .. quoted(kind) .. ', [' .. place(div.identifier), title, '], [')
  all:extend(body)
  all:insert(raw_block('])'))
  return all
end

-- The title, where the claim is from, and the plot if there is one.
local function claim(div)
  local head = pandoc.Blocks { div.content:remove(1), div.content:remove(1) }
  local first = div.content[1] and div.content[1].content and div.content[1].content[1]
  if first and first.t == 'RawInline' and first.text:find('print%-picture') then
    head:insert(div.content:remove(1))
  end
  local all = call('#claim-card([' .. place(div.identifier), head, '], [')
  all:extend(div.content)
  all:insert(raw_block('])'))
  return all
end

local most_rows = 12

local function rows_of(element)
  local rows = 0
  for _, body in ipairs(element.bodies) do rows = rows + #body.body end
  return rows
end

-- A table that fits a page stays in one piece.
local function short_table(element)
  if rows_of(element) > most_rows then return nil end
  return call('#[#show figure: set block(breakable: false)', pandoc.Blocks { element }, ']'), false
end

-- How high a block may be and still stays in one piece, in Typst; and whether it is a figure.
local function whole(block)
  local classes = block.classes or pandoc.List {}
  if block.t == 'Figure' or classes:includes('lead') then return '1000mm', true end
  if block.t == 'Table' and rows_of(block) <= most_rows then return '1000mm', false end
  if classes:includes('question') then return 'short-question', false end
  if classes:includes('admonition') then return 'short-note', false end
  if classes:includes('blank') then return 'whole-card', false end
  return '0mm', false
end

local kept = { 'admonition', 'admonition-title', 'answer-lines', 'blank', 'blank-title', 'claim', 'lead', 'new-page' }

local function is_mere_group(block)
  if block.t ~= 'Div' or block.identifier ~= '' then return false end
  for _, class in ipairs(kept) do
    if block.classes:includes(class) then return false end
  end
  return true
end

local function flat(blocks)
  local all = pandoc.Blocks {}
  for _, block in ipairs(blocks) do
    if is_mere_group(block) then all:extend(flat(block.content)) else all:insert(block) end
  end
  return all
end

-- handout.typ's `fitted` fills pages with units: a block, with the headings before it.
local function arrange(doc)
  local arranged, headings, is_open = pandoc.Blocks {}, pandoc.Blocks {}, false
  local function close()
    arranged:extend(headings)
    if is_open then arranged:insert(raw_block('))')) end
    headings, is_open = pandoc.Blocks {}, false
  end
  local function open(above, overtakes)
    arranged:insert(raw_block('#fitted(above: ' .. above .. ', overtakes: ' .. overtakes .. ', ('))
    is_open = true
  end
  for _, block in ipairs(flat(doc.blocks)) do
    if block.t == 'Header' and block.level == 1 then
      close()
      arranged:insert(block)
      open('12mm', 3)
    elseif block.t == 'Div' and block.classes:includes('new-page') then
      close()
      arranged:insert(block)
      open('0mm', 9)
    elseif not is_open then
      arranged:insert(block)
    elseif block.t == 'Header' then
      headings:insert(block)
    else
      local height, floats = whole(block)
      local level = headings[1] and headings[1].level or 0
      headings:insert(block)
      arranged:insert(pandoc.Div(headings, { class = 'unit', level = level, whole = height, floats = tostring(floats) }))
      headings = pandoc.Blocks {}
    end
  end
  close()
  doc.blocks = arranged
  return doc
end

local lists = { BulletList = true, OrderedList = true }

-- A line that only announces a list stays with it.
local function announcements(blocks)
  for i = #blocks - 1, 1, -1 do
    local text = blocks[i].t == 'Para' and pandoc.utils.stringify(blocks[i]) or ''
    local only_strong = #text > 0 and #blocks[i].content == 1 and blocks[i].content[1].t == 'Strong'
    if lists[blocks[i + 1].t] and #text < 90 and (only_strong or text:sub(-1) == ':') then
      local kept_together = call('#block(sticky: true)[', { pandoc.Plain(blocks[i].content) }, ']')
      blocks:remove(i)
      for j, block in ipairs(kept_together) do blocks:insert(i + j - 1, block) end
    end
  end
  return blocks
end

local function unit(div)
  local given = div.attributes
  local opening = '(level: %d, whole: %s, floats: %s, body: picture-scale => ['
  return call(opening:format(given.level, given.whole, given.floats), div.content, ']),')
end

local function div(element)
  if element.classes:includes('unit') then return unit(element) end
  if element.classes:includes('claim') then return claim(element) end
  if element.classes:includes('admonition') then return admonition(element) end
  if element.classes:includes('new-page') then return raw_block('#pagebreak(weak: true)') end
  if element.classes:includes('answer-lines') then
    return raw_block('#answer-lines(' .. (element.attributes.lines or '3') .. ')')
  end
  if element.classes:includes('blank') then return call('#exercise-card[', element.content, ']') end
  if element.classes:includes('blank-title') then
    return call('#block(sticky: true, strong[', element.content, '])')
  end
  if element.classes:includes('lead') then
    return element:walk { Figure = function(one) return figure(one, true) end }.content
  end
  -- A block of its own would keep a table or figure in it from breaking as it likes.
  if element.identifier == '' and not element.classes:includes('admonition-title') then
    return element.content
  end
  return nil
end

return {
  { Div = collect_footnotes, Image = keep_alt },
  { Pandoc = arrange },
  { Superscript = footnote, Str = quotation_marks },
  { Inlines = formulas },
  { Math = function(math) return formula(math) end, Span = span },
  { traverse = 'topdown', Div = function(element)
      if element.classes:includes('lead') then return div(element), false end
    end },
  { CodeBlock = code },
  { Figure = figure },
  { Image = function(image) return raw('#box(' .. picture(image, false) .. ')') end },
  { Blocks = announcements },
  { Div = div },
  { Table = short_table },
}
