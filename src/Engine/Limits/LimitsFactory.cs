namespace GenAI.Chats.Engine.Limits;

/// <summary>Creates the limits at startup and after each change of the configuration. If a change can't be read or is invalid, keeps the previous limits.</summary>
internal sealed class LimitsFactory(
    IEnumerable<IConfigureOptions<LimitsOptions>> setups,
    IEnumerable<IValidateOptions<LimitsOptions>> validations,
    ILogger<LimitsFactory> logger) : IOptionsFactory<LimitsOptions>
{
    private readonly OptionsFactory<LimitsOptions> _inner = new(setups, [], validations);
    private LimitsOptions? _last;

    public LimitsOptions Create(string name)
    {
        var previous = _last;
        try
        {
            _last = _inner.Create(name);
        }
        catch (Exception failure) when (previous is not null && failure is OptionsValidationException or InvalidOperationException or FormatException)
        {
            // The message names the key and the value.
            LimitsLog.ChangeIgnored(logger, failure.Message);
            return previous;
        }

        if (previous is not null)
        {
            LimitsLog.Changed(logger);
        }

        return _last;
    }
}
