namespace GenAI.Chats.Api.Commands;

/// <summary>The arguments of a command: <c>--option VALUE</c> or <c>--option=VALUE</c>, each at most once.</summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Parses arguments.</summary>
    /// <exception cref="CommandArgumentException">An option is unknown, has no value, or occurs twice.</exception>
    public CommandArguments(ReadOnlySpan<string> args, params ReadOnlySpan<string> options)
    {
        for (var i = 0; i < args.Length; i++)
        {
            var parts = args[i].Split('=', 2);
            if (!options.Contains(parts[0]))
            {
                throw new CommandArgumentException($"Unknown option '{parts[0]}'.");
            }

            var value = parts.Length == 2 ? parts[1] : ++i < args.Length ? args[i] : throw new CommandArgumentException($"Option '{parts[0]}' requires a value.");
            if (!_values.TryAdd(parts[0], value))
            {
                throw new CommandArgumentException($"Option '{parts[0]}' was specified more than once.");
            }
        }
    }

    /// <summary>Returns the tenant in an option.</summary>
    /// <exception cref="CommandArgumentException">The option isn't specified, or isn't a tenant's name.</exception>
    public string GetTenant(string option) => Get(option) is var tenant && TenantName.IsValid(tenant)
        ? tenant
        : throw new CommandArgumentException($"Invalid value '{tenant}' for option '{option}'. Expected: {TenantName.Rule}.");

    /// <summary>Returns the value of an option, or null if it isn't specified.</summary>
    public string? Find(string option) => _values.GetValueOrDefault(option);

    /// <summary>Returns the value of a required option.</summary>
    /// <exception cref="CommandArgumentException">The option isn't specified.</exception>
    public string Get(string option) => Find(option) ?? throw new CommandArgumentException($"Missing required option '{option}'.");
}
