namespace GenAI.Chats.Api.Configuration;

/// <summary>The role of the server, and the ports of its front door: the configuration section <c>Api</c>.</summary>
public sealed record ApiOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Api";

    /// <summary>Gets what the process does: a server hosts chats and serves clients, a front door only serves clients. Default <c>Server</c>.</summary>
    public ServerRole Role { get; init; } = ServerRole.Server;

    /// <summary>Gets the IP address that the server listens on. 0.0.0.0: all addresses. Default 127.0.0.1.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Gets the port for gRPC (HTTP/2). 0: any free port. Default 50051.</summary>
    public int GrpcPort { get; init; } = 50051;

    /// <summary>
    /// Gets the port for REST, gRPC-Web, health checks, the console, and the dashboard: HTTP/1.1, and HTTP/2 if TLS is enabled. 0: any free port. Default 8080.
    /// </summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>
    /// Gets the origins, such as <c>https://app.example.com</c>, of web pages that can call the server from a browser (CORS). <c>*</c> means all. Default: none.
    /// </summary>
    public IList<string> CorsOrigins { get; init; } = [];

    /// <summary>
    /// Gets the time without data on an HTTP/2 connection after which the server sends a ping, so that the calls of clients that vanished end. 1 s to 1 day;
    /// 0: no pings. Default 20 s.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Gets the time without data after a ping after which the server closes the connection, 1 s to 1 day. Default 10 s.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets the maximum number of open connections, on all ports together. Default: half of the process' file limit, after subtracting 384 files; unlimited if the
    /// file limit isn't known.
    /// </summary>
    public int? MaxConnections { get; init; }

    /// <summary>
    /// Gets the maximum number of concurrent calls on one HTTP/2 connection, 1 to 100,000. Further calls wait in the client, even one that cancels a turn. Default 1000.
    /// </summary>
    public int MaxStreamsPerConnection { get; init; } = 1000;

    /// <summary>
    /// Gets how long a client can leave its stream unread, 1 s to 1 day. Then the server ends the stream with UNAVAILABLE, to free its memory. Default 30 s.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>The roles of a server.</summary>
public enum ServerRole
{
    /// <summary>The server hosts chats (a silo), and is a front door, which serves the chats of its cluster to clients.</summary>
    Server,

    /// <summary>The server is a front door for the silos of other processes. It has no store and no models.</summary>
    FrontDoor,
}
