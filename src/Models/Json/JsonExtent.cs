using System.Numerics;

namespace GenAI.Chats.Models.Json;

/// <summary>Finds the end of a JSON object or list that arrives in fragments. Examines each character once.</summary>
internal struct JsonExtent
{
    private int _depth;
    private bool _opened;
    private bool _inString;
    private bool _escaped;

    /// <summary>Gets whether anything has arrived.</summary>
    public bool Started { get; private set; }

    /// <summary>Gets whether an object or list was opened and closed.</summary>
    public readonly bool IsWhole => _opened && _depth <= 0;

    /// <summary>Adds the next fragment, as UTF-8 bytes or characters.</summary>
    /// <returns>Whether the object or list is complete.</returns>
    public bool Add<T>(ReadOnlySpan<T> piece)
        where T : unmanaged, IBinaryInteger<T>
    {
        Started = true;
        foreach (var unit in piece)
        {
            var character = (char)ushort.CreateTruncating(unit);
            if (_escaped)
            {
                _escaped = false;
                continue;
            }

            switch (character)
            {
                case '\\' when _inString:
                    _escaped = true;
                    break;
                case '"':
                    _inString = !_inString;
                    break;
                case '{' or '[' when !_inString:
                    _opened = true;
                    _depth++;
                    break;
                case '}' or ']' when !_inString:
                    _depth--;
                    break;
                default:
                    break;
            }
        }

        return IsWhole;
    }
}
