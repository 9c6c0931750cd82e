namespace GenAI.Chats.Api.Commands;

/// <summary>The arguments of a command: <c>--option VALUE</c> or <c>--option=VALUE</c>, each at most once.</summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private CommandArguments()
    {
    }

    /// <summary>Parses arguments.</summary>
    /// <exception cref="CommandArgumentException">An option is unknown, has no value, or occurs twice.</exception>
    public static CommandArguments Parse(ReadOnlySpan<string> args, params ReadOnlySpan<string> options)
    {
        var parsed = new CommandArguments();
        for (var i = 0; i < args.Length; i++)
        {
            var parts = args[i].Split('=', 2);
            if (!options.Contains(parts[0]))
            {
                throw new CommandArgumentException($"Unknown option '{parts[0]}'.");
            }

            var value = parts.Length == 2 ? parts[1] : ++i < args.Length ? args[i] : throw new CommandArgumentException($"Option '{parts[0]}' requires a value.");
            if (!parsed._values.TryAdd(parts[0], value))
            {
                throw new CommandArgumentException($"Option '{parts[0]}' was specified more than once.");
            }
        }

        return parsed;
    }

    /// <summary>Returns the value of an option, or null if it isn't specified.</summary>
    public string? Find(string option) => _values.GetValueOrDefault(option);

    /// <summary>Returns the value of a required option.</summary>
    /// <exception cref="CommandArgumentException">The option isn't specified.</exception>
    public string Get(string option) => Find(option) ?? throw new CommandArgumentException($"Missing required option '{option}'.");
}
