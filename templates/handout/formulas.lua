-- Formulas, in Typst as pandoc writes it, with what it loses or spells in an older Typst's way.
-- In: the TeX that stands beside the site's MathML. Out: Typst's own formulas.

local shared = dofile(pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), 'shared.lua' })

-- What pandoc loses or rounds is kept from it: a sign that is nobody's holds its place.
local first_sign, last_sign = 0xE000, 0xE1FF

-- TeX's bars are openings, closings or letters; pandoc takes them for relations.
local bars = {
  { '\\lvert', 'class("opening", bar.v)' },
  { '\\rvert', 'class("closing", bar.v)' },
  { '\\vert', 'class("normal", bar.v)' },
  { '\\lVert', 'class("opening", bar.v.double)' },
  { '\\rVert', 'class("closing", bar.v.double)' },
  { '\\Vert', 'class("normal", bar.v.double)' },
}

local growing_bars = {
  { bar = 'bar.v', names = { '|', '\\lvert', '\\rvert', '\\vert' } },
  { bar = 'bar.v.double', names = { '\\|', '\\lVert', '\\rVert', '\\Vert' } },
}

-- Environments that pandoc writes without what holds them together, as arguments of `mat`.
-- Those that may also be a whole formula are left to pandoc where they are.
local lines = 'delim: #none, align: #left, column-gap: #0.2em'
local grids = {
  matrix = 'delim: #none', smallmatrix = 'delim: #none', vmatrix = 'delim: "|"', Vmatrix = 'delim: "‖"',
  array = 'delim: #none', aligned = lines, split = lines, gathered = 'delim: #none',
  braced = 'delim: #("{", none), align: #left, column-gap: #0.2em',
}
local may_be_whole = { aligned = true, array = true, split = true, gathered = true }

local ems = { em = 1, ex = 0.43, mu = 1 / 18, pt = 0.1, cm = 2.85, mm = 0.285 }

local function escaped(text) return (text:gsub('%p', '%%%0')) end

-- TeX in which held signs stand for what pandoc would lose, and what they stand for.
local function held_back(tex)
  local meanings = {}
  local function hold(typst)
    local sign = utf8.char(first_sign + #meanings)
    table.insert(meanings, { sign, typst })
    return sign .. ' '
  end
  tex = tex:gsub('\\([bB]igg?)([lrm]?)%f[%A]', '')
  -- A pair of bars grows together; one alone, as after `\left.`, is pandoc's to write.
  local alone = pandoc.List {}
  for _, grown in ipairs(growing_bars) do
    local count = { left = 0, right = 0 }
    local signs = { left = utf8.char(last_sign - #alone), right = utf8.char(last_sign - #alone - 1) }
    for side, sign in pairs(signs) do
      for _, name in ipairs(grown.names) do
        local ends = name:match('%a$') and '%f[%A]' or ''
        local found
        tex, found = tex:gsub('\\' .. side .. '%s*' .. escaped(name) .. ends, sign)
        count[side] = count[side] + found
      end
    end
    if count.left == count.right then
      tex = tex:gsub(signs.left, function() return hold('lr(' .. grown.bar) end)
      tex = tex:gsub(signs.right, function() return hold(grown.bar .. ')') end)
    else
      alone:insert { signs.left, '\\left' .. grown.names[1] }
      alone:insert { signs.right, '\\right' .. grown.names[1] }
    end
  end
  for _, bar in ipairs(bars) do
    tex = tex:gsub(escaped(bar[1]) .. '%f[%A]', function() return hold(bar[2]) end)
  end
  tex = tex:gsub('\\begin{array}%s*{[^}]*}', '\\begin{array}')
  tex = tex:gsub('\\|', function() return hold('class("normal", bar.v.double)') end)
  tex = tex:gsub('|', function() return hold('class("normal", bar.v)') end)
  for _, one in ipairs(alone) do tex = tex:gsub(one[1], function() return one[2] end) end
  tex = tex:gsub('\\&', function() return hold('"&"') end)
  tex = tex:gsub('\\!%s*\\left%f[%A]', '\\left')  -- undoes a space that only TeX puts there
  tex = tex:gsub('\\!', function() return hold('#h(-0.167em)') end)
  tex = tex:gsub('\\;', function() return hold('#h(0.278em)') end)
  local function space(size, unit)
    return ems[unit] and hold(string.format('#h(%.3fem)', tonumber(size) * ems[unit]))
  end
  tex = tex:gsub('\\hspace%*?%s*{%s*(%-?[%d.]+)%s*(%a%a)%s*}', space)
  tex = tex:gsub('\\m?kern%s*(%-?[%d.]+)%s*(%a%a)', space)
  local _, begins = tex:gsub('\\begin{', '')
  tex = tex:gsub('\\begin{(%a+)%*?}%s*(%[%a%])', '\\begin{%1}'):gsub('\\end{(%a+)%*}', '\\end{%1}')
  for name in pairs(may_be_whole) do
    local opening, closing = '\\left\\{%s*\\begin{' .. name .. '}', '\\end{' .. name .. '}%s*\\right%.'
    if tex:find(opening) and tex:find(closing) then
      tex = tex:gsub(opening, '\\begin{braced}'):gsub(closing, '\\end{braced}')
    end
  end
  for name, arguments in pairs(grids) do
    local opening, closing = '\\begin{' .. name .. '}', '\\end{' .. name .. '}'
    local is_whole = begins == 1 and may_be_whole[name]
      and tex:match('^%s*' .. escaped(opening)) and tex:match(escaped(closing) .. '%s*$')
    if not is_whole then
      tex = tex:gsub(escaped(opening), function() return '\\begin{pmatrix}' .. hold('mat:' .. arguments) end)
      tex = tex:gsub(escaped(closing), '\\end{pmatrix}')
    end
  end
  return tex, meanings
end

local function given_back(written, meanings)
  for _, one in ipairs(meanings) do
    local arguments = one[2]:match('^mat:(.*)$')
    if arguments then
      written = written:gsub('mat%(delim: "%(", ' .. one[1] .. ' ?', function() return 'mat(' .. arguments .. ', ' end)
      -- What pandoc makes of a single column.
      local of_column = arguments:gsub(', column%-gap: [^,]*', '')
      written = written:gsub('vec%(' .. one[1] .. ' ?', function() return 'vec(' .. of_column .. ', ' end)
    else
      written = written:gsub(one[1], function() return one[2] .. ' ' end)
    end
  end
  return written
end

-- The text with each of its strings, quotation marks included, replaced by what `new` makes of
-- it and of what stands before it.
local function map_strings(text, new)
  local done, at = '', 1
  while true do
    local first = text:find('"', at, true)
    if not first then return done .. text:sub(at) end
    local last = first + 1
    while last < #text and text:sub(last, last) ~= '"' do last = last + (text:sub(last, last) == '\\' and 2 or 1) end
    done = done .. text:sub(at, first - 1)
    done, at = done .. new(done, text:sub(first, last)), last + 1
  end
end

-- pandoc's Typst for a formula, with what it loses or spells in an older Typst's way.
local function typst_formula(math)
  local tex, meanings = held_back(math.text)
  local below = {}
  for name in tex:gmatch('\\operatorname%*{(.-)}') do below[name:gsub('%A', '')] = true end
  local alone = pandoc.Pandoc { pandoc.Plain { pandoc.Math(math.mathtype, tex) } }
  local quietly = pandoc.log and pandoc.log.silence or function(run) return run() end
  local _, written = quietly(function() return pandoc.write(alone, 'typst', { wrap_text = 'preserve' }) end)
  written = (written or _):gsub('%s+$', '')
  if written:sub(1, 1) ~= '$' then
    io.stderr:write('Could not convert TeX math ' .. math.text .. ', rendering as TeX\n')
  end
  written = map_strings(written, function(before, name)
    -- Words in a formula, or the brackets of a matrix, are no operator.
    if before:find('[(:] ?$') then return name end
    local limits = below[name:gsub('%A', '')] and ', limits: #true' or ''
    return 'op(' .. name .. limits .. ')'
  end)
  -- Words before a bracket are a function's name; before a letter they keep the space that they have.
  written = written:gsub('upright(%("[^"\\]*[^"%s\\]"%)) \\%(', 'op%1 \\(')
  written = written:gsub('(upright%("[^"\\]*"%)) (%w)%f[%W]', '%1%2')
  written = written:gsub('cases%b()', function(cases) return (cases:gsub(' & ', ' & quad ')) end)
  written = given_back(written, meanings)
  -- A line that goes on with a sign is no line that begins with one.
  written = written:gsub('(\\\n%s*& )([+-] )', '%1"" %2')
  return (written:gsub('%f[%a]sect%f[%A]', 'inter'):gsub('(%a+)%.circle%f[%A]', '%1.o'))
end

-- Every formula gets its TeX as words for those who cannot see it.
local function formula(math, id)
  local alt = '#set math.equation(alt: ' .. shared.quoted(math.text) .. ')\n'
  return shared.raw('#[' .. alt .. typst_formula(math) .. shared.label(id or '') .. ']')
end

-- An anchor just before a displayed formula is the formula's own, so that links can number it.
local function formulas(inlines)
  local anchor = nil
  for i, inline in ipairs(inlines) do
    if inline.t == 'Span' and #inline.content == 0 and inline.identifier ~= '' then
      anchor = i
    elseif inline.t == 'Span' and inline.classes:includes('math-display') and anchor then
      inlines[i] = formula(inline.content[1], inlines[anchor].identifier)
      inlines[anchor] = shared.raw('')
      anchor = nil
    elseif inline.t ~= 'SoftBreak' and inline.t ~= 'Space' then
      anchor = nil
    end
  end
  return inlines
end

return {
  { Inlines = formulas },
  { Math = function(math) return formula(math) end },
}
