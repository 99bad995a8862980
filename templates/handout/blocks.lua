-- Writes what pandoc's Typst writer leaves out, or writes in a way that handout.typ cannot set.
-- In: the HTML that generator/outputs/pdf makes from the pages. Out: calls of the functions in
-- handout.typ. Their names have hyphens, so that they cannot clash with names in formulas.

local shared = dofile(pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), 'shared.lua' })
local quoted, label, call = shared.quoted, shared.label, shared.call
local raw, raw_block = shared.raw, shared.raw_block

-- The width that an author gives a picture: per cent, or pixels of the screen, 96 to an inch.
local function widest(image)
  local size, unit = (image.attributes.width or ''):match('^([%d.]+)(%%?)')
  if not tonumber(size) then return '' end
  if unit == '%' then return string.format(', widest: %.1f%%', size) end
  return string.format(', widest: %.1fmm', size * 25.4 / 96)
end

local function picture(image, settings)
  return 'print-picture(' .. quoted(image.src) .. ', alt: ' .. quoted(image.attributes.alt)
    .. widest(image) .. (settings or '') .. ')'
end

-- A place in a title that links may lead to.
local function place(id) return id ~= '' and '#metadata(none)' .. label(id):sub(2) .. ' ' or '' end

-- Straight quotation marks are left to Typst, which knows which way they open; pandoc's own
-- `smart` would bend those of code as well.
local function words(str)
  if utf8.len(str.text) >= 60 then
    -- It may be longer than a line, and breaks anywhere.
    local characters = pandoc.Inlines {}
    for _, character in utf8.codes(str.text) do
      characters:insert(pandoc.Str(utf8.char(character)))
      characters:insert(raw('#may-break;'))
    end
    return characters
  end
  if not str.text:find('["\']') then return nil end
  local pieces = pandoc.Inlines {}
  for plain, mark in str.text:gmatch('([^"\']*)(["\']?)') do
    if plain ~= '' then pieces:insert(pandoc.Str(plain)) end
    if mark ~= '' then pieces:insert(raw(mark)) end
  end
  return pieces
end

-- Hebrew, Arabic and their neighbours, and the shapes that their letters take.
local right_to_left = { { 0x590, 0x8FF }, { 0xFB1D, 0xFDFF }, { 0xFE70, 0xFEFE } }

local function is_right_to_left(text)
  for _, character in utf8.codes(text) do
    for _, range in ipairs(right_to_left) do
      if range[1] <= character and character <= range[2] then return true end
    end
  end
  return false
end

-- What follows a title in Arabic, such as a page number, keeps its own direction.
local function ends_left_to_right(element)
  if not is_right_to_left(pandoc.utils.stringify(element)) then return nil end
  element.content:insert(pandoc.Str '\u{200E}')
  return element
end

local footnotes = {}

-- Keeps the alt text before the other filters change its characters.
local function keep_alt(image)
  image.attributes.alt = pandoc.utils.stringify(image.caption)
  return image
end

local function collect_footnotes(div)
  local own = shared.footnotes(div)
  if next(own) == nil then return nil end
  for identifier, content in pairs(own) do footnotes[identifier] = content end
  return {}
end

-- A `sup` with links to footnotes becomes those footnotes; pandoc makes one `sup` of neighbours.
-- A note that is referred to again keeps its number.
local written = {}
local function footnote(raised)
  local notes = pandoc.Inlines {}
  for _, link in ipairs(raised.content) do
    if link.t ~= 'Link' or not link.classes:includes('footnote-ref') then return nil end
    local id = link.target:sub(2)
    if not footnotes[id] then return nil end
    if #notes > 0 then notes:insert(raw('#super[,]')) end
    if written[id] then
      notes:insert(raw('#footnote(label(' .. quoted(id) .. '))'))
    else
      notes:insert(pandoc.Note(footnotes[id]))
      notes:insert(raw(label(id):sub(2)))
      written[id] = true
    end
  end
  return notes
end

-- Escapes what Typst takes for a list, a term or a heading at the start of a line or a bracket.
local function no_markup(inlines)
  local first = inlines[1]
  if not first or first.t ~= 'Str' then return nil end
  local mark = first.text:match('^=+$') or first.text:match('^[-+/]$') or first.text:match('^%d+%.$')
  if not mark then return nil end
  inlines[1] = raw((mark:gsub('^(%d*)(.)', '%1\\%2')))
  return inlines
end

-- Typst colours code itself. Lines have numbers if the text refers to them.
local function code(block)
  local language, call_it = 'none', '#'
  local first = tonumber(block.attributes.first)
  local start = first and ', first: ' .. math.tointeger(first) or ''
  for _, class in ipairs(block.classes) do
    if class == 'numberLines' then call_it = '#numbered-code' else language = quoted(class) end
  end
  local text = block.text:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('\n', '\\n')
  local written = 'raw(block: true, lang: ' .. language .. ', "' .. text .. '")'
  return raw_block(call_it == '#' and '#' .. written or call_it .. '(' .. written .. start .. ')')
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
  if element.classes:includes('on-the-site') then return raw('#on-the-site') end
  if element.classes:includes('blank') then return raw('#write-blank("____")') end
  if element.classes:includes('verdict') then return verdict(element) end
  return nil
end

-- Args: place: "lead" or "together" if the figure is to leave room for what belongs to it.
local function figure(element, place)
  local pictures, first = pandoc.List {}, nil
  local settings = (place and ', place: ' .. quoted(place) or '') .. ', scale: picture-scale'
  element.content:walk { Image = function(image)
    first = first or image.src
    pictures:insert('[#' .. picture(image, settings) .. ']')
  end }
  if #pictures == 0 then return nil end
  local caption = element.caption.long
  -- The number is the page's, so that it is the same on the site.
  local number = element.attributes.number or element.attributes['data-number']
  local numbering = number and '(..) => ' .. quoted(number) or 'none'
  local opening = '#[#show figure: set block(breakable: is-in-pieces(' .. quoted(first) .. '))\n#figure('
    .. table.concat(pictures, ' + ')
  local closing = ', numbering: ' .. numbering .. ')' .. label(element.identifier) .. ']'
  if #caption == 0 then return raw_block(opening .. closing) end
  return call(opening .. ', caption: [', caption, ']' .. closing)
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
  local opening = '#note-box(is-whole: is-whole, ' .. quoted(kind) .. ', ['
  local all = call(opening .. place(div.identifier), title, '], [')
  all:extend(body)
  all:insert(raw_block('])'))
  return all
end

-- The head of a card: the title, where the claim is from, and the plot if there is one.
local function claim(div)
  local head = pandoc.Blocks { div.content:remove(1), div.content:remove(1) }
  local first = div.content[1] and div.content[1].content and div.content[1].content[1]
  if first and first.t == 'RawInline' and first.text:find('print%-picture') then
    head:insert(div.content:remove(1))
  end
  local all = call('#claim-card(is-whole: is-whole, [' .. place(div.identifier), head, '], [')
  all:extend(div.content)
  all:insert(raw_block('])'))
  return all
end

-- A table stays in one piece if its unit does. The first row is bold if it holds names.
local function table_of(element)
  local settings = '#show figure: set block(breakable: not is-whole)'
  if #element.head.rows > 0 then
    settings = settings .. '\n#show table.cell.where(y: 0): set text(weight: "bold")'
  end
  return call('#[' .. settings, pandoc.Blocks { element }, ']'), false
end

local function terms(list)
  local all = pandoc.Blocks {}
  for _, entry in ipairs(list.content) do
    all:insert(raw_block('#term-entry(['))
    all:insert(pandoc.Plain(entry[1]))
    all:insert(raw_block('], ['))
    for _, meaning in ipairs(entry[2]) do all:extend(meaning) end
    all:insert(raw_block('])'))
  end
  return all
end

local function announcements(blocks)
  for i = #blocks - 1, 1, -1 do
    if shared.announces(blocks[i], blocks[i + 1]) then
      local kept_together = call('#block(sticky: true)[', { pandoc.Plain(blocks[i].content) }, ']')
      blocks:remove(i)
      for j, block in ipairs(kept_together) do blocks:insert(i + j - 1, block) end
    end
  end
  return blocks
end

local function div(element)
  if element.classes:includes('claim') then return claim(element) end
  if element.classes:includes('admonition') then return admonition(element) end
  if element.classes:includes('answer-lines') then
    return raw_block('#answer-lines(' .. (element.attributes.lines or '3') .. ')')
  end
  if element.classes:includes('left-out') then return call('#left-out[', element.content, ']') end
  if element.classes:includes('blank') then
    return call('#exercise-card(is-whole: is-whole)[', element.content, ']')
  end
  if element.classes:includes('blank-title') then
    return call('#block(sticky: true, strong[', element.content, '])')
  end
  if element.classes:includes('lead') then
    return element:walk { Figure = function(one) return figure(one, 'lead') end }.content
  end
  -- A block around a table or figure would keep it from breaking across pages.
  if element.identifier == '' and not element.classes:includes('admonition-title') then
    return element.content
  end
  return nil
end

return {
  { Div = collect_footnotes, Image = keep_alt, Header = ends_left_to_right, Link = ends_left_to_right },
  -- Before the filters of text, so that they reach the text of the notes too.
  { Superscript = footnote },
  { Inlines = no_markup },
  { Str = words },
  { Span = span },
  { traverse = 'topdown', Div = function(element)
      if element.classes:includes('lead') then return div(element), false end
      if element.classes:includes('together') then
        return element:walk { Figure = function(one) return figure(one, 'together') end }
      end
    end },
  { CodeBlock = code },
  { Figure = function(element) return figure(element) end },
  { Image = function(image) return raw('#box(' .. picture(image) .. ')') end },
  { DefinitionList = terms },
  { Blocks = announcements },
  { Div = div },
  { Table = table_of },
}
