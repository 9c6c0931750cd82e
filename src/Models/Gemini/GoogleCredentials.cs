using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Rpc;
using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Models.Gemini;

/// <summary>
/// The server's Application Default Credentials: the file that GOOGLE_APPLICATION_CREDENTIALS names, the one that <c>gcloud auth
/// application-default login</c> leaves, or what the machine is given by the cloud that it runs in. They are looked up once, when they
/// are first needed; tokens are kept until they are about to expire.
/// </summary>
internal sealed class GoogleCredentials(IConfiguration configuration)
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    private readonly Lock _lock = new();
    private Task<GoogleCredential>? _credential;

    /// <summary>A token that is good for a while.</summary>
    /// <exception cref="ModelException">There are no credentials, they were refused, or who knows them cannot be reached.</exception>
    public async ValueTask<GoogleToken> GetTokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            var credential = await LoadAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            var token = await ((ITokenAccessWithHeaders)credential)
                .GetAccessTokenWithHeadersForRequestAsync(null, cancellationToken).ConfigureAwait(false);
            return new GoogleToken(
                token.AccessToken,
                (credential.UnderlyingCredential as ServiceAccountCredential)?.ProjectId,
                [.. token.Headers.Select(header => KeyValuePair.Create(header.Key, string.Join(',', header.Value)))]);
        }
        catch (TokenResponseException refused)
        {
            // What the server said may repeat what it was asked: only its error code is passed on.
            throw (int?)refused.StatusCode >= 500 ? Unreachable(null) : Refused(refused.Error?.Error);
        }
        catch (Exception exception) when (exception is HttpRequestException)
        {
            throw Unreachable(exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new ModelException(
                Code.FailedPrecondition,
                ModelErrorReasons.Credentials,
                "The server has no Google credentials that can be read: "
                + "set GOOGLE_APPLICATION_CREDENTIALS to a credentials file, or give the route a key.",
                null,
                // What a parser says may repeat what it read.
                exception as IOException);
        }
    }

    private Task<GoogleCredential> LoadAsync()
    {
        lock (_lock)
        {
            // A failure is not kept: the file may be there the next time.
            return _credential is { IsFaulted: false, IsCanceled: false } known ? known : _credential = ReadAsync();
        }
    }

    // Shared by the calls that wait for it: none of them may cancel it.
    private async Task<GoogleCredential> ReadAsync()
    {
        var file = configuration["GOOGLE_APPLICATION_CREDENTIALS"];
#pragma warning disable CS0618 // Obsolete for files from elsewhere, of kinds that nobody expects: this one is the operator's own.
        var credential = string.IsNullOrWhiteSpace(file)
            ? await GoogleCredential.GetApplicationDefaultAsync(CancellationToken.None).ConfigureAwait(false)
            : await GoogleCredential.FromFileAsync(file.Trim(), CancellationToken.None).ConfigureAwait(false);
#pragma warning restore CS0618
        return credential.IsCreateScopedRequired ? credential.CreateScoped(Scope) : credential;
    }

    private static ModelException Refused(string? error) => new(
        Code.FailedPrecondition,
        ModelErrorReasons.Credentials,
        error is { Length: > 0 and <= 100 } && error.All(character => char.IsAsciiLetterLower(character) || character == '_')
            ? $"Google refused the server's credentials: {error}."
            : "Google refused the server's credentials.");

    private static ModelException Unreachable(Exception? cause) =>
        ModelException.Unreachable("The server got no token for its Google credentials", cause);
}

/// <summary>What lets a call in.</summary>
/// <param name="Value">The token: a secret.</param>
/// <param name="Project">The project that the credentials belong to, where they say so.</param>
/// <param name="Headers">What goes along, such as the project that pays.</param>
internal sealed record GoogleToken(string Value, string? Project, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => $"A token of project {Project}";
}
