using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace GenAI.Chats.Engine.Admission;

/// <summary>
/// The limits in force. Unlike an options monitor it survives a section that cannot be read or breaks a rule: what was in force stays so.
/// </summary>
internal sealed class AdmissionLimits : IDisposable
{
    private static readonly AdmissionOptionsValidator Rules = new();

    private readonly IDisposable? _changes;
    private readonly ILogger _logger;
    private volatile Snapshot _now;

    public AdmissionLimits(AdmissionOptions options, ILogger logger)
    {
        _logger = logger;
        _now = new Snapshot(options);
    }

    /// <param name="options">Those at start, which the host checks.</param>
    /// <param name="configuration">The host's whole configuration, whose changes are followed.</param>
    /// <param name="logger">For operators.</param>
    public AdmissionLimits(IOptions<AdmissionOptions> options, IConfiguration configuration, ILogger<AdmissionLimits> logger)
        : this(options.Value, logger)
    {
        var section = configuration.GetSection(AdmissionOptions.SectionName);
        _changes = ChangeToken.OnChange(section.GetReloadToken, () => Read(section));
    }

    /// <summary>Other limits are in force from now on.</summary>
    public event Action? Changed;

    /// <summary>Those of this server.</summary>
    public ServerLimitOptions Server => _now.Options.Server;

    /// <summary>Is another one after each change.</summary>
    public object Version => _now;

    /// <summary>Those of a tenant.</summary>
    public TenantLimits Of(string tenant)
    {
        var now = _now;
        return now.Options.Tenants.TryGetValue(tenant, out var own) ? TenantLimits.From(now.Options.Default, own) : now.Default;
    }

    /// <summary>Puts others in force, unless they break a rule.</summary>
    public void Change(AdmissionOptions options)
    {
        if (Rules.Validate(null, options) is { Failed: true } result)
        {
            AdmissionLog.ChangeLeftAside(_logger, result.FailureMessage!);
            return;
        }

        _now = new Snapshot(options);
        AdmissionLog.Changed(_logger);
        Changed?.Invoke();
    }

    /// <inheritdoc/>
    public void Dispose() => _changes?.Dispose();

    private void Read(IConfigurationSection section)
    {
        AdmissionOptions options;
        try
        {
            options = section.Get<AdmissionOptions>() ?? new AdmissionOptions();
        }
        catch (Exception failure) when (failure is InvalidOperationException or FormatException)
        {
            // The message names the key and the value.
            AdmissionLog.ChangeLeftAside(_logger, failure.Message);
            return;
        }

        Change(options);
    }

    private sealed class Snapshot(AdmissionOptions options)
    {
        public AdmissionOptions Options { get; } = options;

        public TenantLimits Default { get; } = TenantLimits.From(options.Default, null);
    }
}
