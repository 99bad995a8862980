-- Formulas, in Typst as pandoc writes it, with what it loses or spells in an older Typst's way.
-- In: the TeX that stands beside the site's MathML. Out: Typst's own formulas.

local shared = dofile(pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), 'shared.lua' })

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
  written = written:gsub('([^%s"]* ?)("[^"]-")', function(before, name)
    -- Words in a formula, or the brackets of a matrix, are no operator.
    if before:find('[(:] ?$') then return nil end
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
