namespace GenAI.Chats.Api.Tls;

/// <summary>Checks <see cref="TlsOptions"/> at startup, including the files that they name.</summary>
internal sealed class TlsOptionsValidator(IConfiguration configuration) : IValidateOptions<TlsOptions>
{
    public ValidateOptionsResult Validate(string? name, TlsOptions options)
    {
        var check = new SettingsCheck(TlsOptions.SectionName);
        check.Require(
            options is { Certificate: not null } or { Key: null, ClientCa: null },
            nameof(options.Certificate),
            null,
            $"a PEM certificate, because other {TlsOptions.SectionName} settings are set");
        check.Require(
            options.Certificate is null || !configuration.GetSection("Kestrel:Endpoints").GetChildren().Any(),
            nameof(options.Certificate),
            options.Certificate,
            "no value, because Kestrel:Endpoints is set; configure TLS there");
        try
        {
            _ = options.Certificate is null || check.Result.Failed ? null : TlsFiles.Read(options);
            return check.Result;
        }
        catch (InvalidDataException invalid)
        {
            return ValidateOptionsResult.Fail(invalid.Message);
        }
    }

    /// <summary>Returns the key of a setting.</summary>
    public static string Key(string setting) => $"{TlsOptions.SectionName}:{setting}";
}
