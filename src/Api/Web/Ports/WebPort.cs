using System.Buffers;
using GenAI.Chats.Api.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GenAI.Chats.Api.Web.Ports;

/// <summary>
/// The web port: HTTP/1.1, and HTTP/2 if TLS is enabled. With TLS, it also accepts connections without TLS, but only for endpoints that need no credentials: probes
/// often can't use TLS, or have no client certificate. See <see cref="TlsRequirement"/>.
/// </summary>
internal static class WebPort
{
    // The first byte of a TLS connection: a handshake record.
    private const byte Handshake = 0x16;

    private static readonly TimeSpan FirstByteTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Configures the port's endpoint.</summary>
    public static void Configure(ListenOptions endpoint, TlsConnections tls, TimeProvider time)
    {
        if (!tls.IsOn)
        {
            endpoint.Protocols = HttpProtocols.Http1;
            return;
        }

        endpoint.Protocols = HttpProtocols.Http1AndHttp2;

        // The pipeline is built from its end: the part without TLS is known first.
        ConnectionDelegate? plaintext = null;
        endpoint.Use(secure => connection => ServeAsync(connection, secure, plaintext!, time));
        tls.Secure(endpoint);
        endpoint.Use(http => plaintext = http);
    }

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate secure, ConnectionDelegate plaintext, TimeProvider time)
    {
        if (await ReadFirstByteAsync(connection, time) is not { } first)
        {
            return;
        }

        if (first == Handshake)
        {
            await secure(connection);
            return;
        }

        connection.Features.Set(new PlaintextConnection());
        await plaintext(connection);
    }

    // Null if the client has disconnected, or sends nothing. The byte stays in the input.
    private static async Task<byte?> ReadFirstByteAsync(ConnectionContext connection, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(FirstByteTimeout, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, connection.ConnectionClosed);
        try
        {
            var input = connection.Transport.Input;
            var read = await input.ReadAsync(over.Token);
            byte? first = new SequenceReader<byte>(read.Buffer).TryPeek(out var value) ? value : null;
            input.AdvanceTo(read.Buffer.Start);
            return first;
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            return null;
        }
    }
}

/// <summary>The feature of connections without TLS to a port with TLS.</summary>
internal sealed class PlaintextConnection;
