using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.ClientCertificates;
using GenAI.Chats.Api.Identity.Jwt;
using GenAI.Chats.Api.Tls;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Identity;

/// <summary>Checks <see cref="IdentityOptions"/> at start, with the files that they name. Each message names the key, its value and the rule.</summary>
internal sealed class IdentityOptionsValidator(IOptions<TlsOptions> tls) : IValidateOptions<IdentityOptions>
{
    private const IdentityMode All = IdentityMode.ApiKeys | IdentityMode.Jwt | IdentityMode.ClientCertificates;

    public ValidateOptionsResult Validate(string? name, IdentityOptions options)
    {
        var failures = new List<string>();
        if ((options.Mode & ~All) != 0)
        {
            failures.Add($"{Key(nameof(options.Mode))} is {options.Mode}; it must be None, or of ApiKeys, Jwt and ClientCertificates, with commas between.");
        }

        // Settings of a mode that is off would have people believe that it is on.
        Check(IdentityMode.ApiKeys, nameof(options.ApiKeys), options.ApiKeys.IsSet, () => ApiKeyRules.Check(options.ApiKeys));
        Check(IdentityMode.Jwt, nameof(options.Jwt), options.Jwt.IsSet, () => JwtRules.Check(options.Jwt));
        Check(
            IdentityMode.ClientCertificates,
            nameof(options.ClientCertificates),
            options.ClientCertificates.IsSet,
            () => ClientCertificateRules.Check(options.ClientCertificates, tls.Value));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(IdentityMode mode, string section, bool isSet, Func<IEnumerable<string>> rules)
        {
            if (options.Mode.HasFlag(mode))
            {
                failures.AddRange(rules());
            }
            else if (isSet)
            {
                failures.Add($"{Key(nameof(options.Mode))} is {options.Mode}; it must have {mode} where {Key(section)} is set.");
            }
        }
    }

    /// <summary>A setting's key.</summary>
    public static string Key(string setting) => $"{IdentityOptions.SectionName}:{setting}";
}
