using Microsoft.Extensions.Primitives;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Turns the log off after a failed start: what started before the failure is torn down, and logs warnings that hide the cause.</summary>
internal sealed class LogSwitch : IPostConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>, IDisposable
{
    private readonly CancellationTokenSource _off = new();

    /// <inheritdoc/>
    public string? Name => Options.DefaultName;

    /// <summary>Adds the switch to a host.</summary>
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<LogSwitch>();
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>>(static provider => provider.GetRequiredService<LogSwitch>());
        services.AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(static provider => provider.GetRequiredService<LogSwitch>());
    }

    /// <summary>Turns the log off.</summary>
    public void TurnOff() => _off.Cancel();

    /// <inheritdoc/>
    public IChangeToken GetChangeToken() => _off.IsCancellationRequested ? NullToken : new CancellationChangeToken(_off.Token);

    /// <inheritdoc/>
    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        if (_off.IsCancellationRequested)
        {
            options.Rules.Clear();
            options.MinLevel = LogLevel.None;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _off.Dispose();

    // The log isn't turned on again.
    private static CancellationChangeToken NullToken { get; } = new(CancellationToken.None);
}
